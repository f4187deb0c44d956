"""What the schema of the `system` block cannot say."""

from collections.abc import Mapping
from typing import Any

from emulant.errors import InputError
from emulant.inference.priors import prior_from

__all__ = ["check"]


def check(settings: Mapping[str, Any]) -> None:
    """Check that response, noise and prior belong together.

    Raises:
        InputError: for a row of another length than there are parameters, or another number of rows than of noises.
    """
    prior_from(settings["prior"], "system")
    count, rows = len(settings["prior"]), settings["response"]
    for number, row in enumerate(rows, 1):
        if len(row) != count:
            expected = f"{count} numbers in row {number}, one for each parameter"
            raise InputError("system", "response", expected, len(row))
    if len(settings["noise"]) != len(rows):
        raise InputError(
            "system", "noise", f"{len(rows)} numbers, one for each row of response", len(settings["noise"])
        )
