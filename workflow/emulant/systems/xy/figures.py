"""Figures of the XY model: vortices of configurations, helicity modulus and vortices against the temperature."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from emulant.contracts.figure import Figure, Results
from emulant.lattice.figures import curve_figure
from emulant.plots.style import look_of
from emulant.spins.angles import vortex_charges
from emulant.spins.figures import against_temperature, free_energies, vortices

__all__ = ["figures"]


def _vortices(results: Results) -> Iterator[tuple[str, Any]]:
    shown = {s: angles[0] for s, angles in results.first_samples(results.raw(), 1) if len(angles)}
    if shown:
        angles = np.stack(list(shown.values()))
        labels = [look_of(source, results.models).label for source in shown]
        yield "vortices", vortices(angles, vortex_charges(angles), labels)


def _scan(results: Results) -> Iterator[tuple[str, Any]]:
    if len(table := results.table("scan")):
        line = (r"$2T/\pi$", lambda temperature: 2 * temperature / math.pi)
        shown = [
            ("helicity_modulus", r"$\Upsilon$", [line]),
            ("vortex_density", r"$\langle |n|\rangle$", []),
        ]
        tables = results.tables("reweighted").items()
        models = [(look_of(source, results.models), of_model) for source, of_model in tables]
        yield "scan", against_temperature(table, shown, models)


def _free_energy(results: Results) -> Iterator[tuple[str, Any]]:
    if tables := results.tables("free_energy"):
        yield "free_energy", free_energies(tables, results.models)


figures = {
    "free_energy": Figure(
        _free_energy,
        "Free energy",
        "What the variational free energy of each model lies above that by its importance weights, relative to it.",
    ),
    "vortices": Figure(
        _vortices,
        "Vortices",
        "One configuration of each source; circles are plaquettes about which the angle turns once counter-clockwise,"
        " squares once clockwise. Below the transition they come in pairs.",
    ),
    "scan": Figure(
        _scan,
        "Helicity modulus and vortices",
        "Left: helicity modulus against the temperature; in an infinite volume it jumps to zero where it meets the universal"
        " line 2T/π, at T = 0.893. Right: mean modulus of the vortex charge of a plaquette. Open: models,"
        " reweighted.",
    ),
    "correlator": curve_figure(
        "correlator",
        r"$r/a$",
        "Two-point function",
        "Correlator along the axes, and its ratio to the reference; the band is the error of the reference. Points are"
        " shifted sideways for clarity.",
    ),
}
