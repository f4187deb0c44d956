"""Which checks have passed: those that import numerics cost more than the rest of a plan."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["passed_once"]

FILE = Path(".snakemake") / "emulant" / "passed"
"""One line for each: SHA-256 of what was checked, by which code. Without Snakemake's folder nothing is remembered."""


def passed_once(subject: Any, check: Callable[[], None]) -> None:
    """Run a check, unless it passed here before.

    Arguments:
        subject: all that its result depends on, its code included; values of JSON.
        check: raises where something is wrong, which is never remembered.
    """
    mark = hashlib.sha256(json.dumps(subject, sort_keys=True, default=str).encode()).hexdigest()
    if FILE.is_file() and mark in FILE.read_text(encoding="utf-8").split():
        return
    check()
    if FILE.parent.parent.is_dir():
        FILE.parent.mkdir(exist_ok=True)
        with FILE.open("a", encoding="utf-8") as lines:
            lines.write(f"{mark}\n")
