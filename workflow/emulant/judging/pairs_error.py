"""The error that a posterior has from its training pairs, in means over observations of what it says of the parameters.

A model q(theta | y) that makes N pairs likeliest errs in the mean over observations of E_q[g | y] by a variance of
|P(g - E[g | y])|^2 / N, P the projection on what its weights change in ln q: at most E[Var(g | y)] / N, and just that where
they can shift g for all observations alike, as the constant of a regression does (docs/posteriors.md). A model is asked to
be no further from the law than that. E[Var(g | y)] is measured from the parameters of the reference less the mean of what
the model says of them, about their mean, and is at most Var(g): posteriors that are too wide, shifted or ignore the
observation gain nothing that training pairs would not have.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from emulant.contracts.form import Ensemble, HasGroups
from emulant.contracts.observable import Observable
from emulant.contracts.source import REFERENCE, TRAINING, Source, learned_from_samples
from emulant.contracts.system import HasPrior, System
from emulant.judging.gather import primaries_of, views_of
from emulant.judging.measure import Measurement
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error
from emulant.storage.pairs import INPUTS

__all__ = ["measure_pairs_error", "posterior_sources"]


class Means(NamedTuple):
    """Of the primaries of each observation.

    Attributes:
        mean: over its draws, (N, columns).
        variance: of that mean, by the scatter of the draws, averaged over observations, (columns,); zero of one draw each.
        columns: the slice of each observable.
    """

    mean: np.ndarray
    variance: np.ndarray
    columns: dict[str, slice]


def posterior_sources(ensembles: Mapping[Source, Ensemble], system: System) -> dict[Source, Source]:
    """Return for each posterior that learned from pairs the source of their error: `training`, the model as variant."""
    if TRAINING not in ensembles or not isinstance(system, HasPrior):
        return {}
    return {
        source: Source(TRAINING.model, source.name)
        for source, ensemble in ensembles.items()
        if INPUTS in ensemble.attributes and learned_from_samples(source, ensemble.attributes)
    }


def measure_pairs_error(
    ensembles: Mapping[Source, Ensemble], source: Source, system: System, observables: Sequence[Observable]
) -> Measurement:
    """Measure the error that observables of a posterior have from its training pairs.

    Arguments:
        ensembles: open: the reference, the training pairs, and draws of the posterior for observations of the reference.
        source: of the posterior.
        system: shows samples to the observables.
        observables: to be measured.

    Returns:
        The reference's values with jackknife samples that scatter by this error; `samples` are the training pairs.
    """
    truth, said = (_means(ensembles[name], system, observables) for name in (REFERENCE, source))
    true = truth.mean[: len(said.mean)]
    residuals = true - said.mean[: len(true)]
    scatter = residuals.var(0, ddof=1)
    granted = np.clip(scatter - said.variance, 0, true.var(0, ddof=1))
    ratio = np.divide(granted, scatter, out=np.zeros_like(scatter), where=scatter > 0)
    pairs = len(ensembles[TRAINING])
    scaled = (residuals - residuals.mean(0)) * np.sqrt(ratio * len(residuals) / pairs)
    sums = BlockSums(scaled.shape[1])
    sums.add(assign_blocks(len(scaled)), scaled + true.mean(0))
    rows, samples, shape = [], {}, ensembles[REFERENCE].site_shape
    for observable in observables:
        columns, indices = truth.columns[observable.name], observable.indices(shape)
        value, replicas = jackknife(sums, lambda m, o=observable, c=columns: o.value(m[..., c], shape))
        samples[observable.name] = (indices, replicas)
        rows += zip([observable.name] * len(indices), indices, value, jackknife_error(replicas), strict=True)
    table = pd.DataFrame(rows, columns=["observable", "index", "value", "error"])
    return Measurement(table.assign(tau_int=0.5, samples=pairs), samples)


def _means(ensemble: Ensemble, system: System, observables: Sequence[Observable]) -> Means:
    """Average the primaries of each observation over its draws."""
    groups = ensemble.groups if isinstance(ensemble, HasGroups) else np.arange(len(ensemble))
    parts, columns = [], {}
    for _, view in views_of(ensemble, system):
        part, columns = primaries_of(ensemble, observables, view)
        parts.append(part)
    primaries, draws = np.concatenate(parts), np.bincount(groups)[:, None]
    mean = _sums(primaries, groups, len(draws)) / draws
    squares = _sums(np.square(primaries - mean[groups]), groups, len(draws))
    variance = (squares / (np.maximum(draws - 1, 1) * draws)).mean(0)
    return Means(mean, variance, columns)


def _sums(values: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Sum values (n, columns) of each group, (count, columns)."""
    return np.stack([np.bincount(groups, column, count) for column in values.T], axis=1)
