"""Studies of the learned flow: its weights by sector, and at other couplings of the action."""

from emulant.families._sectors import study_sectors
from emulant.families.ridge_flow.carried import study_couplings

__all__ = ["studies"]

studies = {"sectors": study_sectors, "couplings": study_couplings}
