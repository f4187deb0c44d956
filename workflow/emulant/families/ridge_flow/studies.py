"""Studies of the ridge flow."""

from emulant.families._weights import study_weights

__all__ = ["studies"]

studies = {"weights": study_weights}
