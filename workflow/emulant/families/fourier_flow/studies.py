"""Studies of the flow of closed paths."""

from emulant.families._weights import study_exact_weights
from emulant.families.ridge_flow.carried import study_couplings

__all__ = ["studies"]

studies = {"weights": study_exact_weights, "couplings": study_couplings}
