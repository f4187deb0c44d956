"""Judge an experiment: tables against their targets, two-sample tests, verdicts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from emulant.contracts.form import Ensemble
from emulant.contracts.source import REFERENCE, TRAINING, Source, by_source, learned_from_samples
from emulant.contracts.system import System
from emulant.errors import InputError, unknown
from emulant.forms import part_of_form
from emulant.judging.compare import compare, tests_of, untested
from emulant.judging.interpolated import interpolated_sources
from emulant.judging.notes import is_equilibrated, notes_of, slowest
from emulant.judging.pairs_error import posterior_sources
from emulant.judging.published import published_values
from emulant.judging.runaways import runaways
from emulant.judging.samples import Jackknife
from emulant.judging.verdicts import FALSE_ALARM, row_verdicts, source_verdicts
from emulant.statistics.two_sample_table import two_sample_table
from emulant.storage.pairs import INPUTS
from emulant.storage.tables import write_rows, write_table
from emulant.systems import observables_of

__all__ = ["Judgement", "judge"]

COLUMNS = ["model", "variant", "observable", "index", "against", "pull", "p", "correlated"]


class Judgement(NamedTuple):
    """The tables of a judgement.

    Attributes:
        comparison: pulls of every row of the observables table against its targets.
        verdicts: one row a source.
        two_sample: one row a two-sample test.
    """

    comparison: pd.DataFrame
    verdicts: pd.DataFrame
    two_sample: pd.DataFrame

    def write(self, comparison: Path, verdict: Path, two_sample: Path) -> None:
        """Write the tables as CSV, the comparison as Parquet too."""
        write_table(comparison, self.comparison, "comparison")
        write_rows(verdict, self.verdicts)
        write_rows(two_sample, self.two_sample)


def judge(
    rows: pd.DataFrame,
    jackknife: Jackknife,
    ensembles: Mapping[Source, Ensemble],
    system: System,
    *,
    exact: Iterable[Mapping[str, Any]] | None = None,
    published: Iterable[str | Path] = (),
    yardsticks: Iterable[Sequence[str]] = (),
    unlearned: str = "",
    seed: int = 0,
    false_alarm: float = FALSE_ALARM,
) -> Judgement:
    """Judge every source of an experiment against its reference, exact values and published ones.

    Arguments:
        rows: the observables table of one experiment.
        jackknife: samples of every source.
        ensembles: the reference, the training ensemble where there is one, and every model's.
        system: kind, parameters, site_shape and exact values.
        exact: rows of observable, index, value, error; those of the system if not given.
        published: tables of published values.
        yardsticks: (model, variant) of sources that are shown beside the others and not judged.
        unlearned: name of the scale, where models are not trained for long enough to be judged.
        seed: of the two-sample tests.
        false_alarm: probability that a right source fails any of its tests.
    """
    equilibrated = is_equilibrated(ensembles[REFERENCE])
    literature = published_values(published, system.kind, system.parameters, system.site_shape)
    observables = observables_of(system.kind).values()
    _check_published(literature["observable"], system.kind)
    only_shown = [observable.name for observable in observables if not observable.judged]
    shown = {Source(*source) for source in yardsticks}
    learned = _learned(rows, ensembles, system, shown)
    table = compare(
        rows,
        jackknife,
        exact=system.exact_values() if exact is None else list(exact),
        published=literature,
        correlated=[observable.name for observable in observables if observable.correlated],
        shown=only_shown,
        equilibrated=equilibrated,
        learned=learned,
    )
    blind = _two_sample(rows, ensembles, system, seed).assign(against=REFERENCE.name)
    tests = pd.concat([tests_of(table)[COLUMNS], blind.loc[blind["p"].notna(), COLUMNS]], ignore_index=True)
    unmeasured = untested(pd.concat([table[COLUMNS], blind[COLUMNS]], ignore_index=True), only_shown)
    notes = notes_of(rows, ensembles, literature, equilibrated, unmeasured, runaways(jackknife), learned)
    verdicts = source_verdicts(
        pd.concat([part for source, part in by_source(rows) if not source.interpolated]),
        tests,
        notes,
        yardsticks=shown,
        unlearned=unlearned,
        false_alarm=false_alarm,
    )
    table["verdict"] = row_verdicts(table, verdicts)
    blind["verdict"] = row_verdicts(blind, verdicts)
    table = table.rename(columns={"p": "p_value"})
    blind = blind.drop(columns="against").rename(columns={"observable": "test", "p": "p_value"})
    for part in (verdicts, blind):
        part.insert(0, "experiment", rows["experiment"].iloc[0])
    return Judgement(table, verdicts, blind)


def _learned(
    rows: pd.DataFrame, ensembles: Mapping[Source, Ensemble], system: System, yardsticks: Collection[Source]
) -> dict[Source, Source]:
    """Models that were trained on fewer samples than they made, and know the law from these alone: source -> that of these.

    The action that corrects a sample knows the law better. A training sample that is a yardstick was drawn under other
    conditions, where its errors are others, unless the model says how it interpolates between them. Outputs of pairs
    vary with their inputs too, which models are given: of posteriors the error of what is left is measured.
    """
    size = {source: part["samples"].min() for source, part in by_source(rows)}
    elsewhere = interpolated_sources(ensembles) | posterior_sources(ensembles, system)
    samples = {
        source: elsewhere.get(source, TRAINING)
        for source, ensemble in ensembles.items()
        if learned_from_samples(source, ensemble.attributes)
        and not source.corrected
        and (source in elsewhere or INPUTS not in ensemble.attributes)
    }
    return {
        source: sample
        for source, sample in samples.items()
        if sample not in {TRAINING} & set(yardsticks) and size.get(sample, np.inf) < len(ensembles[source])
    }


def _check_published(names: Iterable[str], kind: str) -> None:
    """Raise InputError for a published value of no observable: nothing would be held against it."""
    for name in names:
        if name not in observables_of(kind):
            raise InputError(
                f"published values of {kind}", "observable", *unknown(name, [*observables_of(kind)])
            )


def _two_sample(
    rows: pd.DataFrame, ensembles: Mapping[Source, Ensemble], system: System, seed: int
) -> pd.DataFrame:
    """The two-sample tests of the form of the samples."""
    tests = part_of_form(system.kind, "two_sample", "two_sample_tests", None)
    return two_sample_table([]) if tests is None else tests(system, ensembles, slowest(rows), seed)
