"""Hold what was measured against the reference, exact values and published ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from emulant.contracts.source import REFERENCE, Source, by_source, of_source
from emulant.judging.runaways import limited_errors
from emulant.judging.samples import Jackknife
from emulant.judging.spread import training_errors, training_spread
from emulant.statistics.jackknife import bias, covariance
from emulant.statistics.pulls import correlated_chi2, degrees_of_freedom, p_value, pull

__all__ = ["compare", "tests_of", "untested"]

KNOWN_EXACTLY = 10**9
"""Replicas of a number without a statistical error, so that it costs no degrees of freedom."""
KEY = ["observable", "index"]
FURTHER = ["systematic", "trainings", "of_sample", "value_of_sample"]
"""Columns of errors beside that of the samples."""
JUDGED = ["target", "target_error", "against", "p", "correlated", "pull"]


def compare(
    rows: pd.DataFrame,
    jackknife: Jackknife,
    *,
    exact: Sequence[Mapping],
    published: pd.DataFrame,
    correlated: Iterable[str],
    shown: Iterable[str] = (),
    equilibrated: bool = True,
    learned: Mapping[Source, Source] = MappingProxyType({}),
) -> pd.DataFrame:
    """Pulls of every row, and the p-value of the test that it belongs to.

    A single number is tested by Student's t of its pull; a correlated set once, by Hotelling's T^2. Exact
    values hold in equilibrium only: where the reference is not, they are shown and not judged. Published
    values are judged for the reference alone, where they are comparable and of its protocol, and one by one:
    nobody publishes covariances. A number that is NaN or infinite on either side, such as a mean over particles
    that do not occur, is in no test; the other indices of its set are judged without it.

    Arguments:
        rows: the observables table of one experiment.
        jackknife: samples of every source.
        exact: records with observable, index, value, error.
        published: rows of `published_values`.
        correlated: names of the observables whose indices are judged together.
        shown: names of those that are not judged.
        equilibrated: whether the reference is.
        learned: source of a model that can be no better than its training sample -> source of that: its errors are in
            the tests of the model.

    Returns:
        rows (`error` with the spread of trainings where there are several, and with that of the training sample), and
        against, target, target_error, pull (NaN where a side is not finite), p (NaN where it is not judged), correlated.
    """
    rows = rows.merge(training_spread(rows), on=["model", "variant", *KEY], how="left")
    rows = rows.merge(training_errors(rows, learned), on=["model", "variant", *KEY], how="left")
    rows = rows.fillna({"systematic": 0.0, "of_sample": 0.0})
    tables = []
    for source, measured in by_source(rows):
        if source.interpolated:
            continue
        measured = measured.assign(factor=_factors(measured, limited_errors(jackknife, source)))
        for against, target in _targets(source, rows, exact, published, equilibrated):
            table = measured.merge(target, on=KEY).assign(against=against, p=np.nan)
            table["judged"] &= ~table["observable"].isin(set(shown))
            table["correlated"] = table["observable"].isin(set(correlated)) & (against != "published")
            for name, family in table.groupby("observable", sort=False):
                pair = [source, REFERENCE] if against == REFERENCE.name else [source]
                samples = [jackknife[s][name] for s in pair if name in jackknife.get(s, {})]
                training = jackknife[learned[source]][name] if family["of_sample"].any() else None
                _judge(table, family, samples, training)
            tables.append(table)
    if not tables:
        return pd.DataFrame(columns=[*rows.columns.drop(FURTHER), *JUDGED]).astype({"correlated": bool})
    table = pd.concat(tables, ignore_index=True)
    table["error"] = _combined(table)
    return table.drop(columns=[*FURTHER, "judged", "factor"])


def tests_of(table: pd.DataFrame) -> pd.DataFrame:
    """One row a test: every judged single number, and the largest pull of every judged correlated set."""
    judged = table[table["p"].notna()]
    single, together = judged[~judged["correlated"]], judged[judged["correlated"]]
    order = together["pull"].abs().sort_values(ascending=False, kind="stable").index
    worst = together.loc[order].drop_duplicates(["model", "variant", "against", "observable"])
    return pd.concat([single, worst]).sort_index()


def untested(table: pd.DataFrame, shown: Iterable[str] = ()) -> dict[Source, dict[str, list[int]]]:
    """Source -> observable -> indices that are in no test because a side is not finite.

    Arguments:
        table: columns model, variant, observable, index and pull, NaN where a side is not finite.
        shown: names of observables that are not judged anyway.
    """
    unmeasured = table[table["pull"].isna() & ~table["observable"].isin(set(shown))]
    return {
        source: {
            name: sorted(set(family["index"])) for name, family in rows.groupby("observable", sort=False)
        }
        for source, rows in by_source(unmeasured)
    }


def _targets(
    source: Source, rows: pd.DataFrame, exact: Sequence[Mapping], published: pd.DataFrame, equilibrated: bool
) -> Iterator[tuple[str, pd.DataFrame]]:
    """What a source is held against: columns observable, index, target, target_error, judged."""
    if source != REFERENCE:
        yield REFERENCE.name, _target(of_source(rows, REFERENCE), True)
    if len(exact):
        yield "exact", _target(pd.DataFrame(list(exact)), equilibrated)
    about = published[published["of"] == source.name]
    about = about if len(about) else published[published["of"] == REFERENCE.name]
    if len(about):
        protocol = "equilibrium" if equilibrated else "quench"
        comparable = (about["comparable"] == "yes") & (about["protocol"] == protocol) & (about["error"] > 0)
        yield "published", _target(about.fillna({"error": 0.0}), comparable & (source == REFERENCE))


def _target(values: pd.DataFrame, judged: object) -> pd.DataFrame:
    table = values[[*KEY, "value", "error"]].assign(judged=judged)
    return table.rename(columns={"value": "target", "error": "target_error"})


def _factors(rows: pd.DataFrame, limited: Mapping[str, Mapping[int, float]]) -> list[float]:
    """Factors of the errors of `rows` in tests."""
    return [
        limited.get(name, {}).get(index, 1.0)
        for name, index in zip(rows["observable"], rows["index"], strict=True)
    ]


def _combined(rows: pd.DataFrame) -> np.ndarray:
    """Errors of the samples, of the trainings and of the training sample together."""
    return np.sqrt(np.square(rows[["error", "systematic", "of_sample"]]).sum(axis=1, skipna=False)).to_numpy()


def _judge(
    table: pd.DataFrame, family: pd.DataFrame, samples: Sequence[tuple], training: tuple | None
) -> None:
    """Write pull and p of one observable's rows against one target."""
    family = family.assign(error=family["error"] * family["factor"])
    combined = _combined(family)
    table.loc[family.index, "pull"] = [
        pull(*numbers)
        for numbers in zip(family["value"], combined, family["target"], family["target_error"], strict=True)
    ]
    finite = _finite(family, samples if training is None else [*samples, training])
    table.loc[family.index[~finite], "pull"] = np.nan
    judged = family[family["judged"] & finite]
    if judged.empty:
        return
    if judged["correlated"].any():
        table.loc[judged.index, "p"] = _together(judged, samples, training)
    else:
        pulls = table.loc[judged.index, "pull"]
        table.loc[judged.index, "p"] = _singly(judged.assign(pull=pulls), samples, training)


def _finite(family: pd.DataFrame, samples: Sequence[tuple]) -> np.ndarray:
    """Whether value, target, their errors and all their jackknife samples are finite, for each row."""
    numbers = family[["value", "error", "target", "target_error"]].to_numpy(dtype=float)
    replicas = [_of(part, family["index"]) for part in samples]
    return np.isfinite(np.concatenate([numbers.T, *replicas])).all(axis=0)


def _singly(family: pd.DataFrame, samples: Sequence[tuple], training: tuple | None) -> list[float]:
    """Student's p-value of each row."""
    blocks, blocks_of_target = [*(len(replicas) for _, replicas in samples), KNOWN_EXACTLY][:2]
    blocks_of_training = KNOWN_EXACTLY if training is None else len(training[1])
    return [
        p_value(
            row.pull,
            degrees_of_freedom(
                [row.error, row.target_error, row.systematic, row.of_sample],
                [blocks, blocks_of_target, np.nan_to_num(row.trainings, nan=2), blocks_of_training],
            ),
        )
        for row in family.itertuples()
    ]


def _together(family: pd.DataFrame, samples: Sequence[tuple], training: tuple | None) -> float:
    """Hotelling's p-value of the whole set."""
    covariances = [
        _covariance(part, family["index"], family[error])
        for part, error in zip(samples, ["error", "target_error"], strict=False)
    ]
    blocks = [len(replicas) for _, replicas in samples]
    biases = [
        bias(family[of].to_numpy(), _of(part, family["index"]))
        for part, of in zip(samples, ["value", "target"], strict=False)
    ]
    if len(samples) == 1 and family["target_error"].any():
        covariances.append(np.diag(family["target_error"] ** 2))
        blocks.append(KNOWN_EXACTLY)
    covariances[0] = covariances[0] + np.diag(family["systematic"] ** 2)
    if training is not None:
        covariances.append(_covariance(training, family["index"], family["of_sample"]))
        blocks.append(len(training[1]))
        biases.append(bias(family["value_of_sample"].to_numpy(), _of(training, family["index"])))
    difference = (family["value"] - family["target"]).to_numpy()
    return correlated_chi2(difference, covariances, blocks, biases).p


def _covariance(
    samples: tuple[tuple[int, ...], np.ndarray], indices: pd.Series, error: pd.Series
) -> np.ndarray:
    """Jackknife correlations with the errors of the table, which know more about autocorrelation."""
    jackknifed = covariance(_of(samples, indices))
    spread = np.sqrt(np.diag(jackknifed))
    scale = np.divide(error.to_numpy(), spread, out=np.zeros_like(spread), where=spread > 0)
    return jackknifed * np.outer(scale, scale)


def _of(samples: tuple[tuple[int, ...], np.ndarray], indices: pd.Series) -> np.ndarray:
    """The jackknife samples (blocks, indices) of `indices`, in their order."""
    columns, replicas = samples
    return replicas[:, [columns.index(index) for index in indices]]
