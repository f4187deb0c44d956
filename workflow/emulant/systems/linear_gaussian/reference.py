"""The sampler: parameters from the prior, an observation of each."""

from emulant.forms.posteriors.simulated import from_prior

__all__ = ["samplers"]

BATCH = 1024
"""Pairs of a piece: a killed job loses less than a second."""

samplers = {"prior": from_prior(BATCH, "simulate")}
