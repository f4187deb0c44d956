"""The sampler: design points from the prior, fresh events of every class at each."""

from emulant.forms.posteriors.simulated import from_prior

__all__ = ["samplers"]

BATCH = 1
"""Design points of a piece: a killed job loses some seconds."""

samplers = {"prior": from_prior(BATCH, "design points")}
