"""Studies of the ridge flow."""

from emulant.families._weights import study_weights
from emulant.families.ridge_flow.carried import study_couplings, study_lattices

__all__ = ["studies"]

studies = {"weights": study_weights, "couplings": study_couplings, "lattices": study_lattices}
