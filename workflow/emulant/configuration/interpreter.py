"""The interpreter as a shell reads it: Snakemake writes its path into commands as it is."""

import shlex
from pathlib import Path

__all__ = ["in_commands"]


def in_commands(executable: str) -> str:
    """Quote the path of an interpreter for a shell, where it has blanks or the like; what is quoted stays."""
    return shlex.quote(executable) if Path(executable).exists() else executable
