"""Names that people give to scales, experiments and models: they become names of folders and rows of tables."""

import re
from collections.abc import Container
from pathlib import Path

from emulant.errors import InputError

__all__ = ["NAME", "RESERVED", "check_name"]

NAME = r"\w[\w.-]*"
"""Pattern of a name. A hidden file is nobody's, and a leading hyphen is an option of a command."""
RULE = "a name of letters, digits, _, - and . that begins with none of the last two and ends like no file"
SUFFIXES = (
    ".",
    ".csv",
    ".h5",
    ".html",
    ".json",
    ".log",
    ".npz",
    ".parquet",
    ".safetensors",
    ".svg",
    ".tsv",
    ".yaml",
)
"""How the workflow's own files end, beside which the folder of this name lies."""
RESERVED = {
    "experiment": ("subsets",),
    "model": ("reference", "training", "cost", "figures", "shards"),
}
"""What else lies where the folders of experiments and of models do, and the sources that are no models."""


def check_name(name: object, file: Path, key: str, *, reserved: Container[str] = ()) -> None:
    """Raise InputError where something cannot have this name, for the file and the key that gave it."""
    if not isinstance(name, str) or not re.fullmatch(NAME, name) or name.endswith(SUFFIXES):
        raise InputError(file, key, RULE, repr(name))
    if name in reserved:
        raise InputError(file, key, "another name: the workflow uses this one", name)
