"""Observables of a system of spins against beta, by chains that begin hot and cold."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from emulant.contracts.observable import Observable
from emulant.markov.chains import MarkovChains

__all__ = ["scanned"]

WARM_UP = 100
"""Updates that are thrown away; each has clusters, which forget a start in a few."""


def scanned(
    system: Any, chains: MarkovChains, update: Any, observables: Mapping[str, Observable], updates: int
) -> Iterator[dict[str, Any]]:
    """Measure observables after each update of many chains; yields a row for each, with its exact value or NaN.

    Arguments:
        system: of the chains.
        chains: independent ones, of whose means the errors are made (jackknife).
        update: of the chains.
        observables: those with one index, by name.
        updates: of each chain.
    """
    chains.advance(update, WARM_UP)
    sums: dict[str, np.ndarray] = {}
    for _ in range(updates):
        chains.advance(update)
        view = system.view(chains.fields)
        for name, observable in observables.items():
            sums[name] = sums.get(name, 0.0) + observable.primaries(view) / updates
    exact = {row["observable"]: row["value"] for row in system.exact_values()}
    for name, observable in observables.items():
        value, error = _jackknife(observable, sums[name], system.site_shape)
        yield {
            "beta": system.beta,
            "observable": name,
            "value": value,
            "error": error,
            "exact": exact.get(name, np.nan),
        }


def _jackknife(observable: Observable, means: np.ndarray, shape: tuple[int, ...]) -> tuple[float, float]:
    """Value and error from means of primaries of each chain, (chains, columns)."""
    count = len(means)
    without = observable.value((means.sum(0) - means) / (count - 1), shape)[:, 0]
    spread = (count - 1) * ((without - without.mean()) ** 2).mean()
    return float(observable.value(means.mean(0), shape)[0]), float(np.sqrt(spread))
