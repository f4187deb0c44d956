"""Read an ensemble once, and keep of it what all observables need."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from emulant.contracts.form import Ensemble, HasGroups
from emulant.contracts.observable import Observable
from emulant.contracts.system import HasAverages, System
from emulant.errors import InputError
from emulant.statistics.jackknife import BlockSums, assign_blocks, effective_size

__all__ = ["Gathered", "gather", "primaries_of", "views_of"]

Consumer = Callable[[Any, np.ndarray, np.ndarray], None]


class Gathered(NamedTuple):
    """Primaries of one ensemble.

    Attributes:
        sums: block sums of all columns, for the jackknife.
        columns: the slice of columns of each observable.
        primaries: per configuration (N, columns) where chains were made by Markov's rule, else None.
        chain: chain number (N,), None where configurations are independent.
        weight: (N,), None where all are 1.
        samples: number of configurations, effective where they have weights.
    """

    sums: BlockSums
    columns: dict[str, slice]
    primaries: np.ndarray | None
    chain: np.ndarray | None
    weight: np.ndarray | None
    samples: float


def gather(
    ensemble: Ensemble,
    system: System,
    observables: Sequence[Observable],
    consumer: Consumer = lambda view, block, weight: None,
    block: np.ndarray | None = None,
) -> Gathered:
    """Compute the primaries of every observable, each sample read once, memory bounded by the chunk.

    Arguments:
        ensemble: an open ensemble.
        system: shows samples to the observables.
        observables: to be measured.
        consumer: is shown each chunk with its block numbers and weights, for histograms.
        block: number of the jackknife block of each sample, (N,); None for runs of samples or of chains.

    Raises:
        InputError: where the primaries are not finite, or no configuration differs from the others.
    """
    if ensemble.averages is not None and isinstance(system, HasAverages):
        return _gather_averages(ensemble, system, observables, consumer)
    chain = _informative(ensemble.chain)
    weight, samples = _weights(ensemble)
    block = assign_blocks(len(ensemble), chain) if block is None else block
    if isinstance(ensemble, HasGroups):
        # Outputs of one input share a block, and count as one sample: so much is known of the law of inputs.
        groups = ensemble.groups
        samples = int(groups.max()) + 1
        block = assign_blocks(samples)[groups]
    columns: dict[str, slice] = {}
    sums, parts = None, []
    for rows, view in views_of(ensemble, system):
        primaries, columns = primaries_of(ensemble, observables, view)
        if sums is None:
            sums = BlockSums(primaries.shape[1])
        sums.add(block[rows], primaries, weight[rows])
        consumer(view, block[rows], weight[rows])
        if chain is not None:
            parts.append(primaries)
    _check_fluctuates(ensemble, sums)
    weighted = weight if ensemble.log_weight is not None else None
    return Gathered(sums, columns, np.concatenate(parts) if parts else None, chain, weighted, samples)


def _gather_averages(
    ensemble: Ensemble, system: HasAverages, observables: Sequence[Observable], consumer: Consumer
) -> Gathered:
    """Groups as blocks; the configurations are for the consumer alone."""
    primaries, columns = primaries_of(ensemble, observables, system.averages(ensemble.averages))
    sums = BlockSums(primaries.shape[1])
    sums.add(np.arange(len(primaries)), primaries)
    _check_fluctuates(ensemble, sums)
    block, weight = assign_blocks(len(ensemble)), np.ones(len(ensemble))
    for rows, view in views_of(ensemble, system):
        consumer(view, block[rows], weight[rows])
    return Gathered(sums, columns, None, None, None, len(ensemble))


def views_of(ensemble: Ensemble, system: System) -> Iterator[tuple[slice, Any]]:
    """Chunks as the system shows them, and where they lie."""
    start = 0
    for chunk in ensemble.chunks(ensemble.rows_per_chunk):
        yield slice(start, start + len(chunk)), system.view(chunk)
        start += len(chunk)


def primaries_of(
    ensemble: Ensemble, observables: Sequence[Observable], view: Any
) -> tuple[np.ndarray, dict[str, slice]]:
    """All primaries side by side, and the columns of each observable."""
    parts = [observable.primaries(view) for observable in observables]
    primaries = np.hstack(parts)
    if not np.isfinite(primaries).all():
        raise InputError(ensemble.path, "configurations", "finite observables", "an overflow")
    ends = np.cumsum([0, *(part.shape[1] for part in parts)])
    return primaries, {o.name: slice(a, b) for o, a, b in zip(observables, ends[:-1], ends[1:], strict=True)}


def _informative(chain: np.ndarray | None) -> np.ndarray | None:
    """The chain numbers, or None where every chain has one configuration."""
    return None if chain is None or len(np.unique(chain)) == len(chain) else chain


def _weights(ensemble: Ensemble) -> tuple[np.ndarray, float]:
    if ensemble.log_weight is None:
        return np.ones(len(ensemble)), len(ensemble)
    if not np.isfinite(ensemble.log_weight).all():
        raise InputError(ensemble.path, "log_weight", "finite numbers", "NaN or infinity")
    return np.exp(ensemble.log_weight - ensemble.log_weight.max()), effective_size(ensemble.log_weight)


def _check_fluctuates(ensemble: Ensemble, sums: BlockSums) -> None:
    if len(sums.weights) < 2:
        raise InputError(ensemble.path, "configurations", "at least two independent configurations", "one")
    means = sums.leave_one_out()
    if np.all(np.ptp(means, axis=0) <= 1e-12 * np.abs(means).max(axis=0)):
        raise InputError(ensemble.path, "configurations", "configurations that differ", "zero variance")
