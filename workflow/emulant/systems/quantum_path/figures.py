"""Figures of closed paths, from observables and studies."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from emulant.contracts.figure import Figure, Results
from emulant.contracts.source import Source, by_source, sources_in
from emulant.lattice.figures import curve_figure
from emulant.quantum import figures as drawn

__all__ = ["figures"]


def _wave_function(results: Results) -> Iterator[tuple[str, Any]]:
    table = results.table("observables")
    rows = table[table["observable"] == "density"] if len(table) else table
    if len(rows):
        exact = {
            r["index"]: r["value"] for r in results.system.exact_values() if r["observable"] == "density"
        }
        rows = rows.assign(exact=rows["index"].map(exact))
        sources = [source for source in results.raw() if source in sources_in(rows)]
        yield "wave_function", drawn.wave_function(rows, results.system.exact, sources, results.models)


def _levels(results: Results) -> Iterator[tuple[str, Any]]:
    table, system = results.table("observables"), results.system
    rows = table[table["observable"] == "level"] if len(table) else table
    points = {
        source: list(part[["index", "value", "error"]].itertuples(index=False, name=None))
        for source, part in by_source(rows)
        if source in results.raw()
    }
    for source, weights in results.tables("weights").items():
        reverse = weights[weights["direction"] == "reverse"].iloc[0]
        energy = system.ground_energy(-reverse["minus_log_z"])
        points.setdefault(source, []).append((0, energy, reverse["minus_log_z_error"] / system.length))
    for row in results.table("gaps").itertuples():
        points.setdefault(Source(row.sampler, "weighted"), []).append((row.level, row.gap, row.gap_error))
    if points:
        yield "levels", drawn.levels(points, system.exact, results.models)


def _continuum(results: Results) -> Iterator[tuple[str, Any]]:
    table = results.table("continuum")
    if len(table):
        record = results.record("continuum")
        limits = (record["extrapolated"], record["continuum"])
        yield "continuum", drawn.against_spacing(table, *limits, results.models)


def _temperatures(results: Results) -> Iterator[tuple[str, Any]]:
    table, system = results.table("temperatures"), results.system
    if len(table):
        temperatures = np.linspace(table["temperature"].min(), table["temperature"].max(), 40)
        matrices = [system.at({"temperature": float(t)}).exact for t in temperatures]
        energies = [matrix.mean(system.potential.virial(matrix.grid)) for matrix in matrices]
        curve = (temperatures, np.array(energies))
        yield "temperatures", drawn.against_temperature(table, curve, results.models)


figures = {
    "wave_function": Figure(
        _wave_function,
        "Wave function",
        "Density of the position on the exact one at this spacing and temperature; dashed |ψ₀|², which it is where the"
        " gap is large beside the temperature; thin the potential. Below, differences over errors, on the same exact line.",
        half=True,
    ),
    "levels": Figure(
        _levels,
        "Levels",
        "E₀ by −ln Z of flows that know log q, and E₁ − E₀, E₂ − E₀ by correlators, in per cent of the exact value at this"
        " spacing (broad line); dashed the value at a = 0. Open: reweighted paths of the study gaps, with the correlators of"
        " the flow's Gaussian as control variates.",
    ),
    "time_correlator": curve_figure(
        "time_correlator",
        "$t/a$",
        "Correlator",
        "Connected correlator of the position in imaginary time, and its ratio to the reference; the band is the error of"
        " the reference.",
    ),
    "continuum": Figure(
        _continuum,
        "Vanishing spacing",
        "E₀ against a² by −ln Z of each flow, carried to paths of other numbers of points with its weights, on the exact"
        " energies; open symbols are the extrapolations in a² and a⁴.",
        half=True,
    ),
    "temperatures": Figure(
        _temperatures,
        "Temperatures",
        "Energy (crosses: without weights) and effective part of the flows against the temperature; full symbols where they"
        " were trained, open ones between and beyond.",
    ),
}
