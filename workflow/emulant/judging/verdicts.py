"""One verdict per row and per source, with the number of tests taken into account."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from emulant.contracts.source import REFERENCE, TRAINING, Source, by_source, of_source
from emulant.statistics.pulls import equivalent_pull, limit

__all__ = ["FALSE_ALARM", "row_verdicts", "source_verdicts"]

FALSE_ALARM = 0.01
"""A right source fails in one of a hundred experiments."""
FEWEST_SAMPLES = 100
"""Below so many, errors of errors exceed 7 % and Student's tails decide."""


def source_verdicts(
    rows: pd.DataFrame,
    tests: pd.DataFrame,
    notes: Mapping[Source, Sequence[str]],
    *,
    yardsticks: Collection[Source] = (),
    unlearned: str = "",
    false_alarm: float = FALSE_ALARM,
) -> pd.DataFrame:
    """Pass or fail for each source: it fails where its worst test is beyond the Sidak limit of all its tests.

    Tests are counted as if independent. Many are not: <phi^2> is also kappa_2, G(0) and the sum of the spectrum,
    and the ratios follow from the cumulants. What they share makes the limit conservative: a right source fails
    less often than stated, and a wrong one has as many chances to be found as it has faces.

    Arguments:
        rows: the observables table.
        tests: of all sources: columns model, variant, observable, index, against, pull, p, correlated.
        notes: source -> remarks.
        yardsticks: sources that are shown beside the others and not judged.
        unlearned: name of the scale, where models are not trained for long enough to be judged.
        false_alarm: probability that a right source fails.

    Returns:
        columns model, variant, tests, worst_observable, worst_index (of a correlated set, the member with the largest
        pull), worst_against, worst_together (whether it is a test of a whole set), worst_p, worst_pull (the Gaussian
        equivalent of the smallest p-value, with the sign of its pull), limit, chi2_p (smallest p-value of the
        correlated sets), verdict (`info` where a source is not judged), reason (why it is not), note.
    """
    records = []
    for source, measured in by_source(rows):
        judged = of_source(tests, source)
        record = {**source._asdict(), "tests": len(judged)} | _worst(judged)
        record["limit"] = limit(len(judged), false_alarm)
        record["chi2_p"] = judged.loc[judged["correlated"], "p"].min()
        record["verdict"] = "fail" if abs(record["worst_pull"]) > record["limit"] else "pass"
        learned = source not in (REFERENCE, TRAINING)
        reasons = _reasons(judged, measured, source in yardsticks, unlearned if learned else "")
        if reasons:
            record["verdict"] = "info"
        record["reason"] = "; ".join(reasons)
        remarks = [*notes.get(source, []), *([f"not judged ({record['reason']})"] if reasons else [])]
        records.append(record | {"note": "; ".join(remarks)})
    return pd.DataFrame(records)


def row_verdicts(table: pd.DataFrame, verdicts: pd.DataFrame) -> pd.Series:
    """Verdict of each row: of its own test, or of the correlated set it belongs to; `info` where not judged.

    Arguments:
        table: columns model, variant and p.
        verdicts: of `source_verdicts`.
    """
    key = ["model", "variant"]
    sources = table[key].merge(verdicts[[*key, "limit", "verdict"]], on=key, how="left")
    failed = [equivalent_pull(p) > bound for p, bound in zip(table["p"], sources["limit"], strict=True)]
    verdict = np.where(failed, "fail", "pass").astype(object)
    verdict[table["p"].isna().to_numpy() | (sources["verdict"] == "info").to_numpy()] = "info"
    return pd.Series(verdict, index=table.index)


def _reasons(tests: pd.DataFrame, measured: pd.DataFrame, yardstick: bool, unlearned: str) -> list[str]:
    """Why a source is not judged, if it is not."""
    samples = measured["samples"].min()
    reasons = {
        unlearned: bool(unlearned),
        f"{samples:.0f} effective samples, of which a verdict needs {FEWEST_SAMPLES}": samples
        < FEWEST_SAMPLES,
        "shown beside the others": yardstick,
        "no exact value to hold it against": tests.empty,
    }
    return [reason for reason, true in reasons.items() if true]


def _worst(tests: pd.DataFrame) -> dict:
    if tests.empty:
        nothing = {"worst_against": "", "worst_together": False, "worst_p": np.nan, "worst_pull": np.nan}
        return {"worst_observable": "", "worst_index": 0, **nothing}
    worst = tests.loc[tests["p"].idxmin()]
    return {
        "worst_observable": worst["observable"],
        "worst_index": int(worst["index"]),
        "worst_against": worst["against"],
        "worst_together": bool(worst["correlated"]),
        "worst_p": float(worst["p"]),
        "worst_pull": float(np.copysign(equivalent_pull(worst["p"]), worst["pull"])),
    }
