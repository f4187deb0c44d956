"""A user's table of design points: the first of them train, those at its end judge."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from emulant.contracts.system import HasPrior
from emulant.errors import InputError
from emulant.inference.priors import Prior
from emulant.inference.tables import DesignTable, read_table
from emulant.storage.pairs import Pairs, PairsWriter
from emulant.storage.provenance import provenance

__all__ = ["half_of", "import_table", "is_table"]

SUFFIX = ".csv"
FEWEST = 16
"""Held-out points that say something of an emulator: their root mean square is then known to a fifth."""


def is_table(settings: Mapping[str, Any]) -> bool:
    """Whether the file of a reference is a table of design points, not arrays of pairs."""
    return "held_out" in settings or Path(settings["file"]).suffix == SUFFIX


class Half(NamedTuple):
    """The design points that train, or those that judge.

    Attributes:
        parameters: in the order of the prior, (n, d).
        observables: (n, m).
        labels: of the observables.
    """

    parameters: np.ndarray
    observables: np.ndarray
    labels: tuple[str, ...]


def half_of(prior: Prior, settings: Mapping[str, Any], half: str) -> Half:
    """Read the design points of a half ("training" or "reference").

    Arguments:
        prior: whose names are those of the table's parameters, or in whose order they are where the table has none.
        settings: `file`, and where they are said `observables`, `held_out`, `leave_out`.
        half: which one.

    Raises:
        InputError: for a table that cannot be read, a number that is not finite, parameters without a prior or outside of
            it, or too few design points in either half.
    """
    file = Path(settings["file"])
    observables = Path(settings["observables"]) if "observables" in settings else None
    table = read_table(file, observables, leave_out=settings.get("leave_out", ()))
    parameters = _parameters(file, table, prior.names)
    held_out = _held_out(file, settings, len(table), len(prior.names))
    rows = slice(-held_out, None) if half == "reference" else slice(-held_out)
    _check_inside(file, prior, table.numbers[rows], parameters[rows])
    return Half(parameters[rows], table.observables[rows], table.labels)


def import_table(
    system: HasPrior, path: Path, *, settings: Mapping[str, Any], seed: int, half: str
) -> dict[str, Any]:
    """Write a half, as of `half_of`, to a file of pairs with the names of the observables as `labels`."""
    points = half_of(system.prior, settings, half)
    attributes = provenance(system=system.kind, parameters=system.parameters, sampler="file", seed=seed)
    attributes |= {"equilibrated": True, "labels": list(points.labels)}
    inputs, outputs = points.observables, points.parameters
    with PairsWriter(path, inputs.shape[1:], outputs.shape[1:], attributes=attributes) as writer:
        writer.append(Pairs(inputs.astype(np.float32), outputs.astype(np.float32)))
    file = str(Path(settings["file"]))
    return {"sampler": "file", "file": file, "samples": len(outputs), "equilibrated": True}


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


def _check_inside(file: Path, prior: Prior, numbers: np.ndarray, parameters: np.ndarray) -> None:
    """Raise InputError for the first design point that the prior excludes."""
    outside = ~np.isfinite(prior.log_density(parameters))
    if outside.any():
        number, values = int(numbers[np.argmax(outside)]), parameters[np.argmax(outside)]
        parts = zip(prior.names, values, strict=True)
        expected = "design points inside the prior (`leave_out` leaves one out)"
        got = f"point {number}, " + ", ".join(f"{name} = {value:.4g}" for name, value in parts)
        raise InputError(file, "parameters", expected, got)
