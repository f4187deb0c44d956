"""Studies of the annealed flow."""

from emulant.families._work import study_work

__all__ = ["studies"]

studies = {"work": study_work}
