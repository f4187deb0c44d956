"""measured.md: rows of the tables with a command under `## Measured` of every page."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[1]
INTRODUCTION = """\
On two shared CPU cores, without a GPU; ratios are to a yardstick in the same run. Benchmarks run with
`OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1` and `.venv/bin/python`. `emulant run NAME` is the laptop scale. What an experiment
found lies in its folder: `comparison.csv` and `verdict.csv`, distances in `two_sample.csv`, what is known of the reference
in `reference.json`. Rows stand on the pages that are linked, most of them with their context.
"""
COMMAND = re.compile(r"command|repeat", re.IGNORECASE)
CELL = re.compile(r"(?<!\\)\|")
"""A bar between cells; one inside a cell has a backslash."""


def measured_rows(page: Path) -> list[tuple[str, str, str]]:
    """Claim, number and command of every row under `## Measured` of a page; tables of another kind are passed over."""
    sections = re.findall(r"^## Measured.*?\n(.*?)(?=^## |\Z)", page.read_text(encoding="utf-8"), re.M | re.S)
    rows, heads = [], False
    for line in "\n".join(sections).splitlines():
        if not line.startswith("|"):
            heads = False
            continue
        cells = [cell.strip() for cell in CELL.split(line.strip().strip("|"))]
        if set("".join(cells)) <= set("-: "):
            continue
        if not heads:
            heads = len(cells) >= 3 and bool(COMMAND.search(cells[-1]))
            wanted = heads
        elif wanted and len(cells) >= 3:
            rows.append((cells[0], "; ".join(filter(None, cells[1:-1])), cells[-1]))
        heads = heads or True
    return rows


def title_of(page: Path) -> str:
    """The first heading of a page."""
    return re.search(r"^# (.*)$", page.read_text(encoding="utf-8"), re.M)[1]


def measured() -> str:
    """The page of all measurements."""
    parts = ["# Measured\n"]
    parts.append(INTRODUCTION)
    for page in sorted(DOCS.glob("*.md")):
        if rows := measured_rows(page):
            parts.append(
                f"\n## [{title_of(page).split(':')[0]}]({page.name})\n| claim | number | command |\n| --- | --- | --- |"
            )
            parts += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(parts) + "\n"
