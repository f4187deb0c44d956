"""What to say of a file that a library could not open: one line, with the library's own reason."""

import re
from pathlib import Path

from emulant.errors import InputError

__all__ = ["reason_of", "refusal"]

LONGEST = 160
"""Characters of a reason: HDF5 adds addresses and sizes behind what it says."""
HDF5 = re.compile("synchronously|Object visitation|Can't ")
"""What a message of h5py says before the reason of HDF5."""


def refusal(path: str | Path, error: Exception, what: str, whole: str) -> InputError:
    """Return what to say of a file that a library could not open, with its reason."""
    reason = reason_of(error)
    if isinstance(error, FileNotFoundError):
        return InputError(path, "file", what, "no such file")
    if isinstance(error, PermissionError):
        return InputError(path, "file", "a file that may be read", reason)
    if "unable to lock file" in reason:
        expected = "a file that no program writes now (HDF5_USE_FILE_LOCKING=FALSE reads it all the same)"
        return InputError(path, "file", expected, f"a locked one ({reason})")
    return InputError(path, "file", whole, f"a truncated or foreign one ({reason})")


def reason_of(error: Exception) -> str:
    """Return a library's reason in one line; HDF5 has it in parentheses, and in it perhaps the system's own words."""
    text = " ".join(str(error).split()) or type(error).__name__
    inside = re.search(r"\((.*)\)", text)
    reason = inside[1] if inside and HDF5.search(text) else text
    system = re.search("error message = '(.*?)'", reason)
    return (f"{re.split('[:,]', reason)[0]}: {system[1]}" if system else reason)[:LONGEST]
