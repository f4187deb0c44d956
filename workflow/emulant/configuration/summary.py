"""Summary printed at the end of a run."""

from pathlib import Path

__all__ = ["summary"]

SHOWN = ["experiment", "model", "variant", "verdict", "tests", "worst_observable", "worst_pull", "limit"]


def summary(verdicts: Path, report: Path) -> str:
    """Format the verdict table as text, with the path of the report."""
    import pandas as pd

    table = pd.read_csv(verdicts)
    selected = table[[column for column in SHOWN if column in table.columns]]
    return f"\n{selected.to_string(index=False, float_format='{:.2f}'.format, na_rep='')}\n\nThe report: {report}\n"
