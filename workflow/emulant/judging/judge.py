"""The whole judgement of an experiment: tables against their targets, second opinions, verdicts."""

from collections.abc import Collection, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from emulant.judging.compare import compare, tests_of
from emulant.judging.published import published_values
from emulant.judging.samples import Jackknife
from emulant.judging.second_opinion import SecondOpinion, independent, opinion_table
from emulant.judging.verdicts import FALSE_ALARM, row_verdicts, source_verdicts
from emulant.observables import observables
from emulant.storage.ensemble import Ensemble

__all__ = ["Judgement", "judge"]

CONFIGURATIONS = 4096
REFERENCE_CONFIGURATIONS = 16384
OPINION = ["source", "observable", "index", "statistic", "null", "error", "p", "correlated", "pull"]


class Judgement(NamedTuple):
    """Tables without the column `experiment`."""

    comparison: pd.DataFrame
    verdicts: pd.DataFrame
    two_sample: pd.DataFrame


def judge(
    rows: pd.DataFrame,
    jackknife: Jackknife,
    ensembles: Mapping[str, Ensemble],
    system: object,
    *,
    exact: Iterable[Mapping[str, Any]] | None = None,
    published: Iterable[str | Path] = (),
    yardsticks: Collection[str] = (),
    seed: int = 0,
    false_alarm: float = FALSE_ALARM,
) -> Judgement:
    """Judge every source of an experiment against its reference, exact values and published ones.

    Arguments:
        rows: the observables table.
        jackknife: samples of every source.
        ensembles: `reference`, `training` where there is one, and every model's.
        system: kind, parameters, site_shape and exact values.
        exact: rows of observable, index, value, error; those of the system if not given.
        published: tables of published values.
        yardsticks: sources that are shown beside the others and not judged.
        seed: of the two-sample tests.
        false_alarm: probability that a right source fails any of its tests.
    """
    attributes = ensembles["reference"].attributes
    equilibrated = bool(attributes.get("equilibrated", True)) and "caveat" not in attributes
    literature = published_values(published, system.kind, system.parameters, system.site_shape)
    table = compare(
        rows,
        jackknife,
        exact=system.exact_values() if exact is None else list(exact),
        published=literature,
        correlated=[o.name for o in observables().values() if o.correlated],
        shown=[o.name for o in observables().values() if not o.judged],
        equilibrated=equilibrated,
    )
    opinions = _second_opinions(rows, ensembles, system, seed)
    columns = ["source", "observable", "index", "pull", "p", "correlated"]
    tests = pd.concat([tests_of(table)[columns], opinions[columns]], ignore_index=True)
    notes = _notes(rows, ensembles, literature, equilibrated)
    verdicts = source_verdicts(rows, tests, notes, yardsticks=yardsticks, false_alarm=false_alarm)
    table["verdict"] = row_verdicts(table, verdicts)
    opinions["verdict"] = row_verdicts(opinions, verdicts)
    return Judgement(table, verdicts, opinions.rename(columns={"observable": "test", "p": "p_value"}))


def _second_opinions(
    rows: pd.DataFrame, ensembles: Mapping[str, Ensemble], system: object, seed: int
) -> pd.DataFrame:
    """Two-sample tests of every source whose configurations count alike: those of fields, or the system's own."""
    if hasattr(system, "opinion_module"):
        found = import_module(system.opinion_module).opinions(ensembles, seed)
        tables = [opinion_table(source, tests) for source, tests in found]
        if not tables:
            kinds = {"index": int, "pull": float, "p": float, "correlated": bool}
            return pd.DataFrame(columns=OPINION).astype(kinds)
        return pd.concat(tables, ignore_index=True)
    samples = {}
    for number, (source, ensemble) in enumerate(ensembles.items()):
        if ensemble.log_weight is None:
            most = CONFIGURATIONS if source not in ("reference", "training") else REFERENCE_CONFIGURATIONS
            tau = rows.loc[rows["source"] == source, "tau_int"].max()
            samples[source] = independent(ensemble, tau, most, seed + number)
    opinion = SecondOpinion(samples["reference"], samples.get("training"), seed)
    tables = [opinion.tests(source, sample) for source, sample in samples.items()]
    return pd.concat(tables, ignore_index=True)


def _notes(
    rows: pd.DataFrame, ensembles: Mapping[str, Ensemble], literature: pd.DataFrame, equilibrated: bool
) -> dict[str, list[str]]:
    """What a reader must know beside a verdict."""
    slowest = rows.groupby("source")["tau_int"].max()
    independent_samples = rows.groupby("source")["samples"].min() / (2 * slowest)
    notes: dict[str, list[str]] = {source: [] for source in ensembles}
    for source, ensemble in ensembles.items():
        if "caveat" in ensembles["reference"].attributes:
            notes[source].append(ensembles["reference"].attributes["caveat"])
        elif not equilibrated:
            notes[source].append("the reference is not equilibrated: exact values are not judged")
        elif (literature["protocol"] == "quench").any():
            notes[source].append("the published ensemble was not equilibrated: its values are not judged")
        if ensemble.log_weight is not None:
            share = rows.loc[rows["source"] == source, "samples"].min() / len(ensemble)
            notes[source].append(f"effective sample size {100 * share:.2g} %")
        if independent_samples.get(source, np.nan) > independent_samples["reference"]:
            notes[source].append("the error of the reference dominates")
        if source != "reference" and len(ensembles.get("training", ensemble)) < len(ensemble):
            notes[source].append(
                "trained on fewer than it made: the error of the training sample is in no test"
            )
    return notes
