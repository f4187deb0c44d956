"""The sampler: parameters from the prior, a bag of events of each."""

from emulant.forms.posteriors.simulated import from_prior

__all__ = ["samplers"]

BATCH = 16
"""Bags of a piece: a killed job loses a second or so."""

samplers = {"prior": from_prior(BATCH, "bags")}
