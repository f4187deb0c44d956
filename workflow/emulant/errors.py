"""The one error a user sees when an input is not what it should be."""

from pathlib import Path

__all__ = ["InputError"]


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
