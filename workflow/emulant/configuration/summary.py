"""The last words in the terminal."""

from pathlib import Path

__all__ = ["summary"]

SHOWN = ["experiment", "source", "verdict", "tests", "worst_observable", "worst_pull", "limit"]


def summary(verdicts: Path, report: Path) -> str:
    """The verdict table as text, and where the report lies."""
    import pandas as pd

    table = pd.read_csv(verdicts)
    shown = table[[column for column in SHOWN if column in table.columns]]
    return f"\n{shown.to_string(index=False, float_format='{:.2f}'.format, na_rep='-')}\n\nThe report: {report}\n"
