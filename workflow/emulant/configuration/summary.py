"""Summary printed at the end of a run."""

from collections.abc import Sequence
from pathlib import Path

__all__ = ["summary"]

SHOWN = ["experiment", "model", "variant", "verdict", "tests", "worst_observable", "worst_pull", "limit"]


def summary(verdicts: Sequence[Path], reports: Sequence[Path]) -> str:
    """Format what a run found as text: the table of verdicts, the page that shows them, and what is older than they.

    Arguments:
        verdicts: tables of the experiments, results/<scale>/<experiment>/verdict.csv, that the run made or found up to
            date; other tables on the disk may be of other settings.
        reports: pages that the run made or found up to date, each beside the table of its verdicts.
    """
    tables = [report.with_name("verdict.csv") for report in reports] or verdicts
    if not tables:
        return ""
    pages = [f"The report: {report}" for report in reports]
    pages += [f"Older than this, and not made again: {page}" for page in _older(verdicts, reports)]
    return "\n".join(["", _formatted(tables), "", *pages, *([""] if pages else [])])


def _formatted(tables: Sequence[Path]) -> str:
    import pandas as pd

    table = pd.concat([pd.read_csv(file) for file in tables], ignore_index=True)
    selected = table[[column for column in SHOWN if column in table.columns]]
    return selected.to_string(index=False, float_format="{:.2f}".format, na_rep="")


def _older(verdicts: Sequence[Path], reports: Sequence[Path]) -> list[Path]:
    """Pages of whole scales that were made before these verdicts."""
    pages = dict.fromkeys(verdict.parent.parent / "report.html" for verdict in verdicts)
    newest = max((verdict.stat().st_mtime for verdict in verdicts), default=0.0)
    return [page for page in pages if page not in reports and page.exists() and page.stat().st_mtime < newest]
