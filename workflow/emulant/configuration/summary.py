"""Summary printed at the end of a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["summary"]

VERDICTS = {"info": "not judged"}


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
    """One line an experiment: its reference, how many of its models pass, and which do not, by which test."""
    import pandas as pd

    read = [pd.read_csv(file, keep_default_na=False) for file in tables]
    rows = [row for table in read for row in table.to_dict("records")]
    names = dict.fromkeys(row["experiment"] for row in rows)
    verdicts = {name: [row for row in rows if row["experiment"] == name] for name in names}
    lines = [("experiment", "reference", "models", "failures"), *(_line(*item) for item in verdicts.items())]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _line(name: str, rows: list[dict[str, Any]]) -> tuple[str, str, str, str]:
    """Name, verdict of the reference, how many judged models pass, and what is to be said of the others."""
    of_reference = [row["verdict"] for row in rows if row["model"] == "reference"]
    models = [row for row in rows if row["model"] not in ("reference", "training")]
    raw = [row for row in models if not row.get("variant") or row["variant"].startswith("training")]
    judged = [row for row in raw if row["verdict"] != "info"]
    reasons = dict.fromkeys(row.get("reason", "") for row in raw if row["verdict"] == "info")
    passed = sum(row["verdict"] == "pass" for row in judged)
    unjudged = f"not judged ({'; '.join(reasons)})" if reasons else "none"
    count = f"{passed} of {len(judged)} pass" if judged else unjudged
    failed = "; ".join(_failure(row) for row in models if row["verdict"] == "fail")
    reference = VERDICTS.get(of_reference[0], of_reference[0]) if of_reference else "none"
    return name, reference, count, failed


def _failure(row: dict[str, Any]) -> str:
    """Which source fails, and by which test: a set by its name, without the member that stands for it."""
    source = f"{row['model']} {row.get('variant', '')}".strip()
    together = str(row.get("worst_together")) == "True"
    index = f" {row['worst_index']}" if row.get("worst_index") and not together else ""
    return f"{source} fails {row.get('worst_observable', '')}{' together' if together else index}"


def _older(verdicts: Sequence[Path], reports: Sequence[Path]) -> list[Path]:
    """Pages of whole scales that were made before these verdicts."""
    pages = dict.fromkeys(verdict.parent.parent / "report.html" for verdict in verdicts)
    newest = max((verdict.stat().st_mtime for verdict in verdicts), default=0.0)
    return [page for page in pages if page not in reports and page.exists() and page.stat().st_mtime < newest]
