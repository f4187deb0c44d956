"""Studies of the tree."""

from emulant.families._sectors import study_sectors

__all__ = ["studies"]

studies = {"sectors": study_sectors}
