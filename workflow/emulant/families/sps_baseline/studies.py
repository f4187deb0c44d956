"""Studies of the published path sampler."""

from emulant.families._work import study_work

__all__ = ["studies"]

studies = {"work": study_work}
