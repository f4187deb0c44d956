"""The sampler: parameters from the prior, an observation of each."""

from emulant.forms.posteriors import form
from emulant.forms.streamed import Chunk, Streamed
from emulant.inference.simulation import attributes_of, record_of, simulated

__all__ = ["samplers"]

BATCH = 1024
"""Pairs of a piece: a killed job loses less than a second."""


def _generate(system, piece, settings, seed):
    """Simulate the pairs of a piece."""
    return (Chunk(pairs) for pairs in simulated(system, piece, settings, seed))


samplers = {"prior": Streamed(form, BATCH, attributes_of, record_of, _generate, "simulate")}
