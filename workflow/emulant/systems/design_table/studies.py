"""Studies: posteriors of the models."""

from emulant.inference.studies import study_posterior

__all__ = ["studies"]

studies = {"posterior": study_posterior}
