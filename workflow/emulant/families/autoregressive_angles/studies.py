"""Studies of autoregressive angles: weights, free energies and observables against beta."""

from emulant.families._free_energy import study_free_energy
from emulant.families._reweighted import study_reweighted
from emulant.families._weights import study_exact_weights

__all__ = ["studies"]

studies = {"weights": study_exact_weights, "free_energy": study_free_energy, "reweighted": study_reweighted}
