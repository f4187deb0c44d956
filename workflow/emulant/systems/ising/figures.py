"""Figures of the Ising model: magnetisation and specific heat against the temperature."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from emulant.contracts.figure import Figure, Results
from emulant.lattice.figures import figures as of_lattice
from emulant.spins.figures import against_temperature, free_energies
from emulant.spins.kaufman import spontaneous_magnetisation
from emulant.systems.ising.system import Ising, SolvedIsing

__all__ = ["figures"]


def _scan(results: Results) -> Iterator[tuple[str, Any]]:
    table, system = results.table("scan"), results.system
    if not len(table):
        return
    law = ("Yang, infinite lattice", lambda t: spontaneous_magnetisation(system.coupling / t))
    heat = (f"exact, {system.site_shape[0]} × {system.site_shape[1]}", lambda t: _specific_heat(system, t))
    ferromagnet = system.lattice == "square" and system.coupling > 0
    shown = [
        ("order_parameter", r"$\langle |M|\rangle$", [law] if ferromagnet else []),
        ("specific_heat", r"$C/V$", [heat] if isinstance(system, SolvedIsing) else []),
    ]
    yield "scan", against_temperature(table, shown)


def _free_energy(results: Results) -> Iterator[tuple[str, Any]]:
    if tables := results.tables("free_energy"):
        yield "free_energy", free_energies(tables, results.models)


def _specific_heat(system: Ising, temperature: np.ndarray) -> np.ndarray:
    """Exact C / V at each temperature."""
    others = (system.at({"beta": float(1 / t)}) for t in temperature)
    return np.array([o.bond**2 * o.exact.curvature / math.prod(o.site_shape) for o in others])


figures = {
    "free_energy": Figure(
        _free_energy,
        "Free energy",
        "Relative error of the free energy of each model, logarithmic but for a band about the exact zero: variational,"
        " which is never below it, and by importance weights, which may be on either side.",
    ),
    "scan": Figure(
        _scan,
        "Magnetisation and specific heat",
        "Left: mean modulus of the magnetisation of this lattice, and Yang's law of the infinite one. Right: specific heat"
        " on the exact line of this lattice.",
    ),
    **of_lattice,
}
