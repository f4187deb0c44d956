"""Folders that go with the object that needs them, and libraries that an extra brings."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from emulant.errors import InputError

__all__ = ["Scratch", "optional_libraries", "quiet"]

EXTRAS = {"particle": "events", "pyhepmc": "events", "chromo": "events", "matplotlib": "workflow"}
"""Library -> extra of emulant that has it."""


class Scratch:
    """A folder that is removed when nothing holds this object any more.

    Attributes:
        path: of the folder.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="emulant_", ignore_cleanup_errors=True)
        self.path = Path(self._folder.name)


@contextlib.contextmanager
def optional_libraries(what: str) -> Iterator[None]:
    """Raise InputError, with the extra to install, where a library is missing that `what` needs."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        expected = f"{error.name} (pip install 'emulant[{EXTRAS[error.name]}]')"
        raise InputError("emulant", what, expected, "a library without it") from None


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Leave out the bars of the stages, which are for a terminal that follows a job."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield
