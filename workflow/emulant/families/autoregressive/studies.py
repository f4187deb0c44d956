"""Studies of autoregressive spins: weights at the system's temperature, free energies at several."""

from emulant.families._free_energy import study_free_energy
from emulant.families._weights import study_exact_weights

__all__ = ["studies"]

studies = {"weights": study_exact_weights, "free_energy": study_free_energy}
