"""Rule `density`: densities of an experiment in the plane on one grid, and how far they are from what is known."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from emulant.models import load_model
from emulant.plane.curl import relative_curl
from emulant.plane.density import divergence, total_variation
from emulant.storage.atomic import atomic_path
from emulant.storage.ensemble import open_ensemble
from emulant.storage.records import write_json
from emulant.systems import system_from

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

PROBED, NOISE = 4096, 0.1


def main(reference: Path, models: dict[str, Path], table: Path, record: Path, *, system: dict) -> None:
    """Write shares of all cells by the stationary law, by histograms and by exp(-E), and their distances.

    Arguments:
        reference: the ensemble that fixes the grid; as many of its points as the largest ensemble of a model make the
            histogram that a model must beat.
        models: folders of the models.
        table: CSV with a row a cell: x, y, `stationary`, `reference`, each model's histogram, `exp_<model>`.
        record: JSON with KL(stationary || ...) and total variations, the curls, and the grid.
        system: block of the configuration.
    """
    physics = system_from(system)
    with open_ensemble(reference, site_shape=physics.site_shape) as ensemble:
        points = ensemble.read()
    generated = {name: _points(folder, physics.site_shape) for name, folder in models.items()}
    grid = physics.grid(points)
    stationary, convergence = physics.shares(grid)
    compared = points[: max(map(len, generated.values()), default=len(points))]
    shares = {"reference": grid.histogram(compared)}
    curls = {}
    for name, folder in models.items():
        trained = load_model(folder)
        shares[name] = grid.histogram(generated[name])
        curls[name] = _curl(trained, points[:PROBED])
        if hasattr(trained, "energy"):
            shares[f"exp_{name}"] = grid.of_energy(lambda x, m=trained: _energy(m, x))
    x, y = np.meshgrid(*grid.centres, indexing="ij")
    columns = {"x": x, "y": y, "stationary": stationary, **shares}
    with atomic_path(table) as temporary:
        pd.DataFrame({name: values.ravel() for name, values in columns.items()}).to_csv(
            temporary, index=False
        )
    write_json(
        record,
        {
            "kl": {name: divergence(stationary, own) for name, own in shares.items()},
            "total_variation": {name: total_variation(stationary, own) for name, own in shares.items()},
            "convergence": convergence,
            "curl": curls,
            "histogram_points": len(compared),
            "grid": {
                "cells": [grid.cells_x, grid.cells_y],
                "reach": [grid.reach_x, grid.reach_y],
                "outside": float(1 - (np.abs(points) < [grid.reach_x, grid.reach_y]).all(axis=1).mean()),
            },
        },
    )


def _points(folder: Path, site_shape: tuple[int, ...]) -> np.ndarray:
    with open_ensemble(folder / "ensemble.h5", site_shape=site_shape) as ensemble:
        return ensemble.read()


@torch.no_grad()
def _energy(model: object, points: np.ndarray) -> np.ndarray:
    return model.energy(torch.from_numpy(points).float()).numpy()


def _curl(model: object, points: np.ndarray) -> float:
    """At noise of a tenth of the deviations."""
    u = torch.from_numpy(points) / model.deviation.float()
    noise = torch.full((len(u),), NOISE, dtype=torch.float64)
    return relative_curl(lambda x: model.score_of(x, noise, train=True), u)


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    torch.set_num_threads(snakemake.threads)
    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        reference = Path(snakemake.input.reference)
        main(
            reference,
            {name: reference.parent / name for name in snakemake.params.models},
            Path(snakemake.output.table),
            Path(snakemake.output.record),
            system=snakemake.params.system,
        )
