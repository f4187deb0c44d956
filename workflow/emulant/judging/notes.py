"""Remarks that a reader must know beside a verdict."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from emulant.contracts.form import Ensemble
from emulant.contracts.source import REFERENCE, TRAINING, Source, by_source, learned_from_samples
from emulant.storage.pairs import INPUTS

__all__ = ["is_equilibrated", "notes_of", "slowest"]

MANY = 3
"""Indices of an observable beyond which a remark counts them: the table has each."""
OF_SAMPLE = "the error of the training sample is in the tests of observables, in no two-sample test"
OF_PAIRS = "their error is in the tests of observables and of ranks, not in the classifier's"
IN_NO_TEST = "the error of the training sample is in no test"


def is_equilibrated(reference: Ensemble) -> bool:
    """Whether the reference is what it claims: in equilibrium, and without a caveat."""
    return bool(reference.attributes.get("equilibrated", True)) and "caveat" not in reference.attributes


def slowest(rows: pd.DataFrame) -> dict[Source, float]:
    """The longest autocorrelation time of each source; times of what is not finite are not measured and left out."""
    measured = rows.assign(tau_int=rows["tau_int"].where(np.isfinite(rows["tau_int"])))
    return {source: part["tau_int"].max() for source, part in by_source(measured)}


def notes_of(
    rows: pd.DataFrame,
    ensembles: Mapping[Source, Ensemble],
    literature: pd.DataFrame,
    equilibrated: bool,
    untested: Mapping[Source, Mapping[str, Sequence[int]]],
    runaways: Mapping[Source, Sequence[str]] = MappingProxyType({}),
    learned: Mapping[Source, Source] = MappingProxyType({}),
) -> dict[Source, list[str]]:
    """Collect the remarks of each source.

    Arguments:
        rows: the observables table.
        ensembles: open ensembles.
        literature: of `published_values`.
        equilibrated: whether the reference is.
        untested: source -> observable -> indices that are in no test because a side is not finite.
        runaways: source -> observables that few of its samples dominate.
        learned: source in whose tests the error of its training sample is -> source of that.
    """
    fewest = {source: part["samples"].min() for source, part in by_source(rows)}
    independent = {source: fewest[source] / (2 * tau) for source, tau in slowest(rows).items()}
    shared = [*_of_reference(ensembles[REFERENCE], literature, equilibrated)]
    return {
        source: [
            *shared,
            *_of_ensemble(source, ensembles, fewest, independent, learned),
            *_of_untested(untested.get(source, {})),
            *_of_runaways(runaways.get(source, [])),
        ]
        for source in ensembles
    }


def _of_reference(reference: Ensemble, literature: pd.DataFrame, equilibrated: bool) -> Iterator[str]:
    yield from reference.attributes.get("remarks", [])
    if "caveat" in reference.attributes:
        yield reference.attributes["caveat"]
    elif not equilibrated:
        yield "the reference is not equilibrated: exact values are not judged"
    elif (literature["protocol"] == "quench").any():
        yield "the published ensemble was not equilibrated: its values are not judged"


def _of_ensemble(
    source: Source,
    ensembles: Mapping[Source, Ensemble],
    fewest: Mapping[Source, float],
    independent: Mapping[Source, float],
    learned: Mapping[Source, Source],
) -> Iterator[str]:
    ensemble = ensembles[source]
    if ensemble.log_weight is not None:
        yield f"effective sample size {100 * fewest[source] / len(ensemble):.3g} %"
    if independent.get(source, np.nan) > independent[REFERENCE]:
        yield "the error of the reference dominates"
    sampled = learned_from_samples(source, ensemble.attributes)
    if source in learned and INPUTS in ensemble.attributes:
        yield f"learned from {fewest[learned[source]]:.0f} pairs: {OF_PAIRS}"
    elif learned.get(source, TRAINING) != TRAINING:
        yield f"under its condition the training samples count as {fewest[learned[source]]:.0f}: {OF_SAMPLE}"
    elif sampled and len(ensembles.get(TRAINING, ensemble)) < len(ensemble):
        yield f"trained on fewer than it made: {OF_SAMPLE if source in learned else IN_NO_TEST}"


def _of_untested(untested: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """Name the observables without a finite number on both sides, with their indices where they have several."""
    names = [f"{name}{_which(indices)}" for name, indices in untested.items()]
    if names:
        yield f"NaN or infinite, and therefore in no test: {', '.join(names)}"


def _which(indices: Sequence[int]) -> str:
    """Say which indices of an observable: nothing of a single number, their number where they are many."""
    if list(indices) == [0]:
        return ""
    many = len(indices) > MANY
    return f" ({len(indices)} of its numbers)" if many else f" ({', '.join(map(str, indices))})"


def _of_runaways(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"few samples that ran away dominate {', '.join(names)}: their errors are limited in the tests"
