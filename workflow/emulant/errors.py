"""The one error a user sees when an input is not what it should be."""

import difflib
from collections.abc import Sequence
from pathlib import Path

__all__ = ["InputError", "unknown"]


class InputError(ValueError):
    """An input file, key or value that cannot be used.

    Arguments:
        file: the file at fault.
        key: the key, column or dataset in it.
        expected: what should have been there.
        got: what was found instead.
    """

    def __init__(self, file: str | Path, key: str, expected: str, got: object = None) -> None:
        self.file, self.key, self.expected, self.got = str(file), key, expected, got
        instead = "" if got is None else f", got {got}"
        # What a library or a file says may have several lines.
        super().__init__(" ".join(f"{self.file}: {key}: expected {expected}{instead}".splitlines()))


FEW = 12
"""Names that a line has room for beside the closest of them."""


def unknown(name: object, names: Sequence[str]) -> tuple[str, object]:
    """Describe expected and actual value for a name that is not in `names`, with the closest name, or all of them."""
    close = difflib.get_close_matches(str(name), names, 1)
    every = f"one of {', '.join(names)}" if not close or len(names) <= FEW else f"one of {len(names)} names"
    return every, f"{name} (did you mean {close[0]}?)" if close else name
