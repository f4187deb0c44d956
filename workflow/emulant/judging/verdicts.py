"""One verdict per row and per source, with the number of tests taken into account."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from emulant.statistics.pulls import equivalent_pull, limit

__all__ = ["FALSE_ALARM", "row_verdicts", "source_verdicts"]

FALSE_ALARM = 0.01
FEWEST_SAMPLES = 100


def source_verdicts(
    rows: pd.DataFrame,
    tests: pd.DataFrame,
    notes: Mapping[str, Sequence[str]],
    *,
    yardsticks: Collection[str] = (),
    false_alarm: float = FALSE_ALARM,
) -> pd.DataFrame:
    """Pass or fail for each source: it fails where its worst test is beyond the Sidak limit of all its tests.

    Tests are counted as if independent. Many are not: <phi^2> is also kappa_2, G(0) and the sum of the spectrum,
    and the ratios follow from the cumulants. What they share makes the limit conservative: a right source fails
    less often than stated, and a wrong one has as many chances to be found as it has faces.

    Arguments:
        rows: the observables table.
        tests: of all sources: columns source, observable, index, pull, p, correlated.
        notes: source -> remarks.
        yardsticks: sources that are shown beside the others and not judged.
        false_alarm: probability that a right source fails.

    Returns:
        columns source, tests, worst_observable, worst_index, worst_pull (the Gaussian equivalent of the
        smallest p-value, with the sign of its pull), limit, chi2_p (smallest p-value of the correlated sets),
        verdict (`info` for yardsticks, for nothing judged, for under 100 effective configurations), note.
    """
    records = []
    for source, own in rows.groupby("source", sort=False):
        mine = tests[tests["source"] == source]
        remarks = list(notes.get(source, []))
        record = {"source": source, "tests": len(mine)} | _worst(mine)
        record["limit"] = limit(len(mine), false_alarm)
        record["chi2_p"] = mine.loc[mine["correlated"], "p"].min()
        record["verdict"] = "fail" if abs(record["worst_pull"]) > record["limit"] else "pass"
        samples = own["samples"].min()
        if samples < FEWEST_SAMPLES:
            remarks.append(f"{samples:.0f} effective configurations are too few to judge")
        if source in yardsticks:
            remarks.append("shown beside the others, not judged")
        if mine.empty or samples < FEWEST_SAMPLES or source in yardsticks:
            record["verdict"] = "info"
        records.append(record | {"note": "; ".join(remarks)})
    return pd.DataFrame(records)


def row_verdicts(table: pd.DataFrame, verdicts: pd.DataFrame) -> pd.Series:
    """Verdict of each row: of its own test, or of the correlated set it belongs to; `info` where not judged.

    Arguments:
        table: columns source and p.
        verdicts: of `source_verdicts`.
    """
    sources = table[["source"]].merge(verdicts[["source", "limit", "verdict"]], on="source", how="left")
    failed = [equivalent_pull(p) > bound for p, bound in zip(table["p"], sources["limit"], strict=True)]
    found = np.where(failed, "fail", "pass").astype(object)
    found[table["p"].isna().to_numpy() | (sources["verdict"] == "info").to_numpy()] = "info"
    return pd.Series(found, index=table.index)


def _worst(tests: pd.DataFrame) -> dict:
    if tests.empty:
        return {"worst_observable": "", "worst_index": 0, "worst_pull": np.nan}
    worst = tests.loc[tests["p"].idxmin()]
    return {
        "worst_observable": worst["observable"],
        "worst_index": int(worst["index"]),
        "worst_pull": float(np.copysign(equivalent_pull(worst["p"]), worst["pull"])),
    }
