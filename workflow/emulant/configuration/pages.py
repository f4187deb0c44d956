"""Pages of a scale: the report and the tables of all its experiments, or those of some alone."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from emulant.configuration.listing import experiment_names
from emulant.errors import InputError
from emulant.storage.yaml_files import names_in

__all__ = ["AND", "PAGE", "names_on", "page_of"]

PAGE = r"(?:/subsets/[\w.+-]+)?"
"""Pattern of a page: what stands between results/<scale> and the name of its files."""
SUBSETS, AND = "/subsets/", "+"
"""How the page of some experiments begins, and what stands between their names, in none of which it can be."""
LONGEST = 100
"""Of the name of a subset: a file system takes 255 bytes for a name, and a letter may have four."""


def page_of(folder: Path, names: Sequence[str], scale: str) -> str:
    """Name the page of the experiments `names`: empty for all of a scale, else /subsets/ and their names.

    What a page shows depends on its name alone, so that a run of some experiments replaces no page of others.
    """
    if set(names) == set(experiment_names(folder, "all", scale)):
        return ""
    joined = AND.join(names)
    if len(joined) > LONGEST:
        digest = hashlib.sha256(joined.encode()).hexdigest()[:8]
        joined = f"{names[0][:LONGEST]}{AND}{len(names) - 1}_others_{digest}"
    return f"{SUBSETS}{joined}"


def names_on(folder: Path, page: str, scale: str) -> list[str]:
    """Read the names of experiments from that of their page, the inverse of `page_of`.

    Raises:
        InputError: where the page is one of too many experiments to name them all.
    """
    if not page:
        return experiment_names(folder, "all", scale)
    names = page.removeprefix(SUBSETS).split(AND)
    if page_of(folder, names, scale) != page or not {*names} <= {*names_in(folder / "experiments")}:
        expected = "names of experiments, or --config experiments=[...] with those of this page"
        raise InputError(Path(f"results/{scale}{page}"), "page", expected, page.removeprefix(SUBSETS))
    return names
