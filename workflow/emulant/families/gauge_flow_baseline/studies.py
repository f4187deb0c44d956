"""Studies of the published flow."""

from emulant.families._sectors import study_sectors

__all__ = ["studies"]

studies = {"sectors": study_sectors}
