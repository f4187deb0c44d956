"""A user's table of design points: the first of them train, those at its end judge."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.contracts.system import HasPrior, System
from emulant.errors import InputError
from emulant.inference.tables import DesignTable, read_table
from emulant.storage.pairs import Pairs, PairsWriter
from emulant.storage.provenance import provenance

__all__ = ["import_table", "is_table"]

SUFFIX = ".csv"
FEWEST = 16
"""Held-out points that say something of an emulator: their root mean square is then known to a fifth."""


def is_table(settings: Mapping[str, Any]) -> bool:
    """Whether the file of a reference is a table of design points, not arrays of pairs."""
    return "held_out" in settings or Path(settings["file"]).suffix == SUFFIX


def import_table(
    system: System, path: Path, *, settings: Mapping[str, Any], seed: int, half: str
) -> dict[str, Any]:
    """Write the design points of a half ("training" or "reference").

    Arguments:
        system: with a prior, whose names are those of the table's parameters, or in its order where the table has none.
        path: file of pairs to write, with the names of the observables as `labels`.
        settings: `file`, and where they are said `observables`, `held_out`, `leave_out`.
        seed: of the provenance.
        half: which one.

    Raises:
        InputError: for a table that cannot be read, a number that is not finite, parameters without a prior or outside of
            it, or too few design points in either half.
    """
    file = Path(settings["file"])
    observables = Path(settings["observables"]) if "observables" in settings else None
    table = read_table(file, observables, leave_out=settings.get("leave_out", ()))
    names = system.prior.names if isinstance(system, HasPrior) else ()
    parameters = _parameters(file, table, names)
    held_out = _held_out(file, settings, len(table), len(names))
    rows = slice(-held_out, None) if half == "reference" else slice(-held_out)
    _check_inside(file, system, table.numbers[rows], parameters[rows])
    attributes = provenance(system=system.kind, parameters=system.parameters, sampler="file", seed=seed)
    attributes |= {"equilibrated": True, "labels": list(table.labels)}
    inputs, outputs = table.observables[rows], parameters[rows]
    with PairsWriter(path, inputs.shape[1:], outputs.shape[1:], attributes=attributes) as writer:
        writer.append(Pairs(inputs.astype(np.float32), outputs.astype(np.float32)))
    return {"sampler": "file", "file": str(file), "samples": len(outputs), "equilibrated": True}


def _parameters(file: Path, table: DesignTable, names: tuple[str, ...]) -> np.ndarray:
    """Parameters in the order of the prior, (n, d); those without names are in it."""
    if table.names == tuple(map(str, range(len(names)))):
        return table.parameters
    for name in names:
        if name not in table.names:
            raise InputError(file, name, "a column for each parameter of the prior", "none")
    for name in table.names:
        if name not in names:
            raise InputError(file, name, "a prior for each parameter of the table", "none")
    return table.parameters[:, [table.names.index(name) for name in names]]


def _held_out(file: Path, settings: Mapping[str, Any], points: int, parameters: int) -> int:
    """Number of the design points that judge."""
    if "held_out" not in settings:
        raise InputError(file, "held_out", "how many design points at the end of the table judge", "nothing")
    count = settings["held_out"]
    if not FEWEST <= count < points - parameters:
        expected = f"{FEWEST} or more that judge, and more than {parameters} parameters that train"
        raise InputError(file, "held_out", expected, f"{count} of {points} design points")
    return count


def _check_inside(file: Path, system: Any, numbers: np.ndarray, parameters: np.ndarray) -> None:
    """Raise InputError for the first design point that the prior excludes."""
    outside = ~np.isfinite(system.prior.log_density(parameters))
    if outside.any():
        number, values = int(numbers[np.argmax(outside)]), parameters[np.argmax(outside)]
        parts = zip(system.prior.names, values, strict=True)
        expected = "design points inside the prior (`leave_out` leaves one out)"
        got = f"point {number}, " + ", ".join(f"{name} = {value:.4g}" for name, value in parts)
        raise InputError(file, "parameters", expected, got)
