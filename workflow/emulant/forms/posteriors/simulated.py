"""The sampler of systems that simulate: parameters from the prior, an observation of each."""

from collections.abc import Iterator, Mapping
from typing import Any

from emulant.forms.posteriors import form
from emulant.forms.streamed import Chunk, Streamed
from emulant.inference.simulation import HasSimulator, attributes_of, record_of, simulated
from emulant.storage.pieces import Piece

__all__ = ["from_prior"]


def from_prior(batch: int, label: str) -> Streamed:
    """Make the sampler.

    Arguments:
        batch: pairs of a piece, which a killed job loses.
        label: of the progress bar.
    """
    return Streamed(form, batch, attributes_of, record_of, _generate, label)


def _generate(system: HasSimulator, piece: Piece, settings: Mapping[str, Any], seed: int) -> Iterator[Chunk]:
    """Simulate the pairs of a piece."""
    return (Chunk(pairs) for pairs in simulated(system, piece, settings, seed))
