"""Studies of the XY model: observables against beta, and ln Z by an integration of the energy."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.observable import Observable
from emulant.contracts.study import StudyInputs, StudyTable
from emulant.randomness.seeds import job_seed
from emulant.spins.angle_chains import AngleChains, AngleMoves, starts
from emulant.spins.angles import high_temperature
from emulant.spins.observables import energy_density
from emulant.spins.scan import scanned
from emulant.systems.xy.observables import helicity_modulus, vortex_density
from emulant.systems.xy.system import XY

__all__ = ["studies"]

OBSERVABLES = {
    module.observable.name: module.observable for module in (energy_density, helicity_modulus, vortex_density)
}
MOVES = AngleMoves(heat_bath=1, over_relaxation=1, clusters=4)
NODES = 3
"""Of each interval: over 0.2 in beta the error of the rule for energies of XY is below 1e-5."""


def study_scan(system: XY, inputs: StudyInputs) -> StudyTable:
    """Measure energy, helicity modulus and density of vortices at several beta, by heat bath and clusters.

    Returns:
        Columns of `spins.scan.scanned`.
    """
    rows = [row for beta in inputs.settings["betas"] for row in _scanned(system, beta, inputs, OBSERVABLES)]
    return StudyTable(pd.DataFrame(rows), {})


def study_integration(system: XY, inputs: StudyInputs) -> StudyTable:
    """Integrate d ln Z' / d beta = -<E> from infinite temperature, Z' an average over independent uniform angles.

    Between two neighbouring values of beta by Gauss and Legendre's rule with NODES chains of their own.

    Returns:
        Columns beta, minus_log_z (of Z'), its error, and series, the same by the high-temperature series.
    """
    energy = {energy_density.observable.name: energy_density.observable}
    points, weights = np.polynomial.legendre.leggauss(NODES)
    sites = math.prod(system.site_shape)
    rows, value, variance, last = [], 0.0, 0.0, 0.0
    for beta in sorted(inputs.settings["betas"]):
        for point, weight in zip(points, weights, strict=True):
            node = last + (beta - last) * (1 + point) / 2
            (row,) = _scanned(system, node, inputs, energy)
            share = (beta - last) / 2 * weight * sites
            value, variance = value + share * row["value"], variance + (share * row["error"]) ** 2
        last, series = beta, -sites * high_temperature(beta)
        row = {"beta": beta, "minus_log_z": value, "minus_log_z_error": math.sqrt(variance), "series": series}
        rows.append(row)
    return StudyTable(pd.DataFrame(rows), {})


def _scanned(
    system: XY, beta: float, inputs: StudyInputs, observables: Mapping[str, Observable]
) -> list[dict[str, Any]]:
    """Measure observables by chains at a temperature."""
    other, generator = system.at({"beta": beta}), np.random.default_rng(job_seed(inputs.seed, f"{beta}"))
    angles, _ = starts(other.site_shape, inputs.settings["chains"], generator)
    chains = AngleChains(angles, beta, seed=int(generator.integers(2**62)))
    return list(scanned(other, chains, MOVES, observables, inputs.settings["updates"]))


studies = {"scan": study_scan, "integration": study_integration}
