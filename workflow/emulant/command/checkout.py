"""The checkout that a command works in: its configuration, rules and results."""

from collections.abc import Sequence
from pathlib import Path

from emulant.configuration.listing import scales
from emulant.contracts.declaration import LIBRARY
from emulant.errors import InputError, unknown
from emulant.storage.yaml_files import names_in

__all__ = ["check_experiments", "check_scale", "checkout"]


def checkout(start: Path | None = None) -> Path:
    """Find the checkout: the working directory or one above it, else the one that the library was installed from.

    Arguments:
        start: the working directory unless given.

    Raises:
        InputError: where there is none.
    """
    start = (start or Path.cwd()).absolute()
    for folder in (start, *start.parents, LIBRARY.parents[1]):
        if (folder / "Snakefile").is_file() and (folder / "workflow" / "emulant").is_dir():
            return folder
    expected = "a checkout of emulant here, above, or where the library was installed from (pip install -e)"
    raise InputError(start, "Snakefile", expected, "none")


def check_scale(folder: Path, scale: str) -> str:
    """Return a scale of a checkout; raises InputError where it has none of this name."""
    names = scales(folder / "config")
    if scale not in names:
        raise InputError("emulant", "--scale", *unknown(scale, names))
    return scale


def check_experiments(folder: Path, wanted: Sequence[str]) -> list[str]:
    """Return experiments of a checkout, each once; raises InputError for an unknown one."""
    names = names_in(folder / "config" / "experiments")
    for name in wanted:
        if name not in names:
            _, got = unknown(name, names)
            raise InputError("emulant", "experiment", "a name that `emulant list` shows", got)
    return list(dict.fromkeys(wanted))
