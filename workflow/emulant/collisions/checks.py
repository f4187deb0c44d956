"""Validation of event tables; every error names the file, the column and the row."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from emulant.collisions.events import on_shell
from emulant.collisions.species import masses_of, species_index, species_of
from emulant.errors import InputError

__all__ = ["MOST", "checked_chunk", "checked_facts", "checked_particles"]

OFF_SHELL = 0.1
"""GeV by which a mass may differ from the PDG's: generators use their own, a wrong unit or species is farther off."""
MOST = 2**18
"""Particles of an event: several times those of lead on lead at the largest colliders. A count beyond it is damage."""
ROUNDING = 1e-5
"""Relative tolerance on energies, for files that print few digits."""


def checked_facts(path: Path, table: pa.Table) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return the number and the particle count of each event, and the facts, from the table of events.

    Raises:
        InputError: for a missing column or one of the wrong type, no events, a repeated event number, an
            impossible number of particles, or an infinite fact. NaN marks an unknown fact.
    """
    number, counts = (_column(path, table, name, 0, "an integer") for name in ("event", "particles"))
    if not len(number):
        raise InputError(path, "event", "at least one event", "none")
    expected = f"a number of particles from 0 to {MOST}"
    _refuse(path, "particles", (counts < 0) | (counts > MOST), 0, expected, counts)
    _refuse(path, "event", _repeated(number), 0, "an event that no other row has", number)
    facts = {}
    for name in table.column_names:
        if name not in ("event", "particles"):
            facts[name] = _column(path, table, name, 0, "a number", unknown=True)
            _refuse(path, name, np.isinf(facts[name]), 0, "a finite number, or NaN if unknown", facts[name])
    return number, counts, facts


def checked_chunk(path: Path, table: pa.Table, event: np.ndarray, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the PDG numbers (n,) and momenta (n, 4) in GeV of rows of particles, after checking them.

    Arguments:
        path: file of the rows, for errors.
        table: the rows.
        event: event number that each row must have, (n,), from the table of events.
        row: number of the first row, for errors.

    Raises:
        InputError: as `checked_particles`, for a missing column, or for a row of another event.
    """
    row_event = _column(path, table, "event", row, "an integer")
    _refuse(
        path, "event", row_event != event, row, "the events in the order of the table of events", row_event
    )
    pdg = _column(path, table, "pdg", row, "an integer")
    momenta = np.column_stack([_column(path, table, name, row, "a number") for name in ("px", "py", "pz")])
    columns = {
        name: _column(path, table, name, row, "a number")
        for name in ("energy", "mass")
        if name in table.column_names
    }
    return pdg, checked_particles(path, pdg, momenta, row, **columns)


def checked_particles(
    path: Path,
    pdg: np.ndarray,
    momenta: np.ndarray,
    row: int,
    *,
    energy: np.ndarray | None = None,
    mass: np.ndarray | None = None,
    unit: str = "row",
) -> np.ndarray:
    """Return momenta with energies, (n, 4) in GeV, after checking that species exist and masses are plausible.

    Generators use masses of their own (one for an isospin multiplet, bound spectators), up to 0.1 GeV from the PDG's; a
    larger difference is a mistake of units or species. Particles that are none of the 26 species may be broad
    resonances: for them E >= |p| is enough. `row` is the number of the first particle, and `unit` its name in errors.

    Raises:
        InputError: for an unknown species, numbers that are not finite, or an implausible mass or energy.
    """
    _refuse_species(path, pdg, row, unit)
    for name, column in zip(("px", "py", "pz"), momenta.T, strict=True):
        _refuse(path, name, ~np.isfinite(column), row, "a finite number", column, unit)
    of_26, pdg_mass = species_index(pdg) >= 0, masses_of(pdg)
    if energy is not None:
        _refuse(path, "energy", ~np.isfinite(energy), row, "a finite number", energy, unit)
        low = on_shell(momenta, np.where(of_26, np.maximum(pdg_mass - OFF_SHELL, 0), 0))[:, 3]
        high = np.where(of_26, on_shell(momenta, pdg_mass + OFF_SHELL)[:, 3], np.inf)
        bad = ~((energy >= low * (1 - ROUNDING)) & (energy <= high * (1 + ROUNDING)))
        _refuse(
            path, "energy", bad, row, "sqrt(p^2 + m^2), all in GeV, with a mass near the PDG's", energy, unit
        )
        return np.column_stack([momenta, energy])
    if mass is not None:
        bad = ~(mass >= 0) | np.isinf(mass) | (of_26 & ~(np.abs(mass - pdg_mass) <= OFF_SHELL))
        _refuse(path, "mass", bad, row, "a mass in GeV near the PDG's", mass, unit)
    return on_shell(momenta, pdg_mass if mass is None else mass)


def _column(path: Path, table: pa.Table, name: str, row: int, kind: str, unknown: bool = False) -> np.ndarray:
    if name not in table.column_names:
        raise InputError(path, name, "a column of this name", f"the columns {', '.join(table.column_names)}")
    column = table[name]
    is_integer = pa.types.is_integer(column.type)
    if not is_integer and (kind == "an integer" or not pa.types.is_floating(column.type)):
        raise InputError(path, name, f"a column of which each entry is {kind}", f"type {column.type}")
    if column.null_count and not unknown:
        _refuse(path, name, column.is_null().to_numpy(), row, kind, np.full(len(column), "null"))
    if pa.types.is_uint64(column.type) and not unknown:
        values = column.to_numpy()
        _refuse(path, name, values > np.iinfo(np.int64).max, row, "an integer below 2^63", values)
    return column.to_numpy().astype(np.int64 if is_integer and not unknown else float, copy=False)


def _refuse(
    path: Path, name: str, bad: np.ndarray, row: int, expected: str, values: np.ndarray, unit: str = "row"
) -> None:
    if np.any(bad):
        first = int(np.argmax(bad))
        raise InputError(path, f"{name}, {unit} {row + first}", expected, values[first])


def _refuse_species(path: Path, pdg: np.ndarray, row: int, unit: str) -> None:
    for kind in np.unique(pdg):
        try:
            species_of(int(kind))
        except ValueError as error:
            first = row + int(np.argmax(pdg == kind))
            raise InputError(path, f"pdg, {unit} {first}", "a particle of the PDG", str(error)) from None


def _repeated(number: np.ndarray) -> np.ndarray:
    """Return the mask of numbers that occur earlier in the array."""
    repeated = np.ones(len(number), bool)
    repeated[np.unique(number, return_index=True)[1]] = False
    return repeated
