"""What the schema of the study `measured` cannot say: values, errors and covariance that belong together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulant.errors import InputError
from emulant.inference.measured_values import covariance_of
from emulant.inference.tables import read_table

__all__ = ["check"]


def check(settings: Mapping[str, Any]) -> None:
    """Raise InputError naming the key that does not fit the values, or these where a user's table has other observables."""
    block = settings["studies"].get("measured")
    if block is None:
        return
    count = len(block["values"])
    observables = _observables(settings["reference"], count)
    if count != observables:
        expected = f"{observables} numbers, one for each observable"
        raise InputError("studies", "measured.values", expected, count)
    covariance_of(block, count)


def _observables(reference: Mapping[str, Any], otherwise: int) -> int:
    """Number of the observables of a user's table; that of others is known when they are simulated."""
    if "held_out" not in reference or not Path(reference["file"]).exists():
        return otherwise
    observables = Path(reference["observables"]) if "observables" in reference else None
    return len(
        read_table(Path(reference["file"]), observables, leave_out=reference.get("leave_out", ())).labels
    )
