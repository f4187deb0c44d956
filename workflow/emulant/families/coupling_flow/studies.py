"""Studies of the coupling flow."""

from emulant.families._weights import study_exact_weights

__all__ = ["studies"]

studies = {"weights": study_exact_weights}
