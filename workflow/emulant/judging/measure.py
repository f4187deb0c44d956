"""Measure an ensemble: values, errors that know autocorrelation, and jackknife samples."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from emulant.contracts.form import Ensemble
from emulant.contracts.observable import Observable
from emulant.contracts.system import System
from emulant.judging.gather import Consumer, Gathered, gather
from emulant.statistics.autocorrelation import (
    SHORTEST_CHAIN,
    Estimate,
    fluctuations,
    gamma_error,
    split_chains,
)
from emulant.statistics.jackknife import jackknife, jackknife_error

__all__ = ["Measurement", "measure"]

MOST_CHAINS = 1024
"""Beyond so many chains, whole chains are blocks enough and the Gamma method only costs time."""


class Measurement(NamedTuple):
    """What was measured on one ensemble.

    Attributes:
        rows: columns observable, index, value, error, tau_int, samples.
        jackknife: observable -> (indices, samples of shape (blocks, indices)).
    """

    rows: pd.DataFrame
    jackknife: dict[str, tuple[tuple[int, ...], np.ndarray]]


def measure(
    ensemble: Ensemble,
    system: System,
    observables: Sequence[Observable],
    consumer: Consumer = lambda view, block, weight: None,
) -> Measurement:
    """Measure observables on an ensemble in one pass.

    Errors come from the Gamma method where a Markov chain made the ensemble, and from the blocked jackknife
    where configurations are independent; weights are propagated jointly with the observables.

    Arguments:
        ensemble: an open ensemble.
        system: shows samples to the observables.
        observables: to be measured.
        consumer: is shown each chunk with its block numbers and weights.

    Raises:
        InputError: for data that are not finite or do not fluctuate.
    """
    gathered = gather(ensemble, system, observables, consumer)
    shape = ensemble.site_shape
    rows, samples = [], {}
    for observable in observables:
        columns, indices = gathered.columns[observable.name], observable.indices(shape)
        value, replicas = jackknife(
            gathered.sums, lambda m, o=observable, c=columns: o.value(m[..., c], shape)
        )
        estimate = _estimate(gathered, columns, lambda m, o=observable: o.value(m, shape), value, replicas)
        samples[observable.name] = (indices, replicas)
        rows += [
            (observable.name, index, *numbers, gathered.samples)
            for index, *numbers in zip(indices, *estimate, strict=True)
        ]
    names = ["observable", "index", "value", "error", "tau_int", "samples"]
    return Measurement(pd.DataFrame(rows, columns=names), samples)


def _estimate(
    gathered: Gathered, columns: slice, function: Callable, value: np.ndarray, samples: np.ndarray
) -> Estimate:
    """Value, error and tau_int by the method that suits the ensemble."""
    if gathered.chain is None:
        return Estimate(value, jackknife_error(samples), np.full(len(value), 0.5))
    primaries = gathered.primaries[:, columns]
    if gathered.weight is not None:
        primaries = np.column_stack([primaries * gathered.weight[:, None], gathered.weight])
        function = _ratio(function)
    chains = split_chains(primaries, gathered.chain)
    if len(chains) <= MOST_CHAINS and min(map(len, chains)) >= SHORTEST_CHAIN:
        return gamma_error(chains, function)
    error = jackknife_error(samples)
    naive = fluctuations(primaries, function).std(axis=0) / np.sqrt(len(primaries))
    ratio = np.divide(error, naive, out=np.ones_like(error), where=naive > 0)
    return Estimate(value, error, 0.5 * ratio**2)


def _ratio(function: Callable) -> Callable:
    """The function of reweighted means, from means of (weight * primaries, weight)."""
    return lambda means: function(means[..., :-1] / means[..., -1:])
