"""Pages of a scale: the report and the tables of all its experiments, or those of some alone."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from emulant.configuration.listing import experiment_names

__all__ = ["PAGE", "page_of"]

PAGE = r"(?:/subsets/[\w.+-]+)?"
"""Pattern of a page: what stands between results/<scale> and the name of its files."""
LONGEST = 100
"""Of the name of a subset: a file system takes 255 bytes for a name, and a letter may have four."""


def page_of(folder: Path, names: Sequence[str], scale: str) -> str:
    """Name the page of the experiments `names`: empty for all of a scale, else /subsets/ and their names.

    What a page shows depends on its name alone, so that a run of some experiments replaces no page of others.
    """
    if set(names) == set(experiment_names(folder, "all", scale)):
        return ""
    joined = "+".join(names)
    if len(joined) > LONGEST:
        digest = hashlib.sha256(joined.encode()).hexdigest()[:8]
        joined = f"{names[0][:LONGEST]}+{len(names) - 1}_others_{digest}"
    return f"/subsets/{joined}"
