"""Study `density`: densities of an experiment in the plane on one grid, and their distances from the exact one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
import torch

from emulant.contracts.family import HasEnergy
from emulant.contracts.study import StudyInputs, StudyTable
from emulant.plane.curl import relative_curl
from emulant.plane.density import Grid, divergence, total_variation
from emulant.storage.ensemble import open_ensemble

__all__ = ["HasDensity", "HasPlaneScore", "density"]

PROBED = 4096
"""Points at which the curl is measured: its error is then about a hundredth."""
NOISE = 0.1
"""Noise at which the curl is measured, in standard deviations: fine against both, where the network still matters."""


class HasDensity(Protocol):
    """A system of the plane with a density computable on a grid."""

    site_shape: tuple[int, ...]

    def grid(self, points: np.ndarray) -> Grid:
        """Choose the grid on which densities are compared."""

    def shares(self, grid: Grid) -> tuple[np.ndarray, dict[str, float]]:
        """Compute shares of the cells, and measures of their convergence."""


@runtime_checkable
class HasPlaneScore(Protocol):
    """A model of the score in the plane that can be differentiated."""

    deviation: torch.Tensor

    def score_of(self, u: torch.Tensor, noise: torch.Tensor, *, train: bool = False) -> torch.Tensor:
        """Evaluate the score at u (N, 2) in units of the deviations, at noise (N,)."""


def density(system: HasDensity, inputs: StudyInputs) -> StudyTable:
    """Compute shares of all cells by the stationary law, by histograms and by exp(-E), and their distances.

    The reference's histogram has as many points as the largest ensemble of a model: it is the distance that a perfect model
    would have.

    Returns:
        One row for each cell: x, y, `stationary`, `reference`, each model's histogram, `exp_<model>`; the record has
        KL(stationary || ...) and total variations, the curls, and the grid.
    """
    points = _points(inputs.reference, system)
    generated = {name: _points(file, system) for name, file in inputs.ensembles.items()}
    grid = system.grid(points)
    stationary, convergence = system.shares(grid)
    compared = points[: max(map(len, generated.values()), default=len(points))]
    shares = {"reference": grid.histogram(compared)} | _shares(grid, inputs.models, generated)
    x, y = np.meshgrid(*grid.centres, indexing="ij")
    columns = {"x": x, "y": y, "stationary": stationary, **shares}
    record = {
        "kl": {name: divergence(stationary, cells) for name, cells in shares.items()},
        "total_variation": {name: total_variation(stationary, cells) for name, cells in shares.items()},
        "convergence": convergence,
        "curl": {
            name: _curl(model, points[:PROBED])
            for name, model in inputs.models.items()
            if isinstance(model, HasPlaneScore)
        },
        "histogram_points": len(compared),
        "grid": _described(grid, points),
        "outside": {
            name: _outside(grid, part) for name, part in {"reference": compared, **generated}.items()
        },
    }
    return StudyTable(pd.DataFrame({name: values.ravel() for name, values in columns.items()}), record)


def _points(file: Path, system: HasDensity) -> np.ndarray:
    with open_ensemble(file, site_shape=system.site_shape) as ensemble:
        return ensemble.read()


def _shares(
    grid: Grid, models: Mapping[str, Any], generated: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Compute histograms of the models' points, and exp(-E) of models with an energy."""
    shares = {}
    for name, model in models.items():
        shares[name] = grid.histogram(generated[name])
        if isinstance(model, HasEnergy):
            shares[f"exp_{name}"] = grid.of_energy(lambda x, m=model: _energy(m, x))
    return shares


@torch.no_grad()
def _energy(model: HasEnergy, points: np.ndarray) -> np.ndarray:
    return model.energy(torch.from_numpy(points).float()).numpy()


def _curl(model: HasPlaneScore, points: np.ndarray) -> float:
    u = torch.from_numpy(points) / model.deviation.float()
    noise = torch.full((len(u),), NOISE, dtype=torch.float64)
    return relative_curl(lambda x: model.score_of(x, noise, train=True), u)


def _described(grid: Grid, points: np.ndarray) -> dict[str, Any]:
    """Describe the grid, with the share of the points outside of it."""
    return {
        "cells": [grid.cells_x, grid.cells_y],
        "reach": [grid.reach_x, grid.reach_y],
        "outside": _outside(grid, points),
    }


def _outside(grid: Grid, points: np.ndarray) -> float:
    """Compute the share of points that no cell holds."""
    return float(1 - (np.abs(points) < [grid.reach_x, grid.reach_y]).all(axis=1).mean())
