"""Studies of charge separation, one file each."""

from emulant.systems.charge_transport.background import study_background
from emulant.systems.charge_transport.event_shapes import study_event_shapes
from emulant.systems.charge_transport.robustness import study_robustness
from emulant.systems.charge_transport.unfolded import study_unfolded

__all__ = ["studies"]

studies = {
    "background": study_background,
    "unfolded": study_unfolded,
    "robustness": study_robustness,
    "event_shapes": study_event_shapes,
}
