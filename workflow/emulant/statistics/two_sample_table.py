"""Results of two-sample tests as a table."""

from collections.abc import Iterable

import pandas as pd

from emulant.statistics.two_sample import TwoSample

__all__ = ["two_sample_table"]

COLUMNS = ["model", "variant", "observable", "index", "statistic", "null", "error", "p", "correlated", "pull"]


def two_sample_table(
    results: Iterable[tuple[tuple[str, str], Iterable[tuple[str, TwoSample]]]],
) -> pd.DataFrame:
    """Write one row for each test of each source.

    Arguments:
        results: (model, variant), and names and results of its tests.

    Returns:
        columns model, variant, observable (the test), index, statistic, null, error, p, correlated, pull.
    """
    rows = [
        {"model": model, "variant": variant, "observable": name, "index": 0, **test._asdict()}
        for (model, variant), tests in results
        for name, test in tests
    ]
    if not rows:
        types = {"index": int, "pull": float, "p": float, "correlated": bool}
        return pd.DataFrame(columns=COLUMNS).astype(types)
    table = pd.DataFrame(rows).assign(correlated=False)
    return table.assign(pull=(table["statistic"] - table["null"]) / table["error"])
