"""The bound of what events can say: exact posteriors of the deformation from the positions of all nucleons.

Nothing that is made of nucleons, densities or spectra, knows more of their nucleus than they do.
"""

from itertools import product

import numpy as np
import pandas as pd
from scipy.interpolate import make_interp_spline

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.errors import InputError
from emulant.initial.orientations import Deformations, draw_nucleons
from emulant.randomness.seeds import job_seed
from emulant.systems.deformed_nuclei.summary import summary_of
from emulant.systems.deformed_nuclei.system import DeformedNuclei

__all__ = ["nucleon_posterior", "study_nucleons"]

ALLOWED = ("beta2", "beta4")
COARSE = 0.05
"""Spacing of the deformations at which the likelihood is computed, or less: one nucleus of uranium knows them to 0.1."""
FINE = 24
"""Steps of the grid of posteriors in each of these; 64 events of uranium know the deformation to 0.01."""


def study_nucleons(system: DeformedNuclei, inputs: StudyInputs) -> StudyTable:
    """Draw nuclei of the prior, and posteriors of their deformation from all nucleons of both nuclei of each event.

    Returns:
        Columns of `summary_of`, for the model `nucleons`.

    Raises:
        InputError: where anything but a deformation is inferred, which has no grid here.
    """
    names = system.prior.names
    if unknown := [name for name in names if name not in ALLOWED]:
        raise InputError("studies", "nucleons", "a prior of beta2 and beta4 alone", unknown[0])
    count, draws, sizes = (inputs.settings[name] for name in ("bags", "draws", "sizes"))
    generator = np.random.default_rng(job_seed(inputs.seed, "nucleons"))
    truth = system.prior.sample(count, generator)
    posterior = nucleon_posterior(system, truth, sizes, draws, generator)
    rows = (
        row for size, drawn in posterior.items() for row in summary_of(names, "nucleons", size, drawn, truth)
    )
    return StudyTable(pd.DataFrame(rows), {"bags": count})


def nucleon_posterior(
    system: DeformedNuclei, truth: np.ndarray, sizes: list[int], draws: int, generator: np.random.Generator
) -> dict[int, np.ndarray]:
    """Draw parameters from the posteriors of fresh bags at truths (N, d): size of the bag -> (draws, N, d)."""
    coarse = _axes(system, 1)
    of_grid = Deformations([system.nuclei(np.array(point))[0] for point in product(*coarse)])
    shape = tuple(map(len, coarse))
    drawn: dict[int, list[np.ndarray]] = {size: [] for size in sizes}
    for values in truth:
        (nucleus, *_) = system.nuclei(values)
        log_likelihood, events = np.zeros(shape), 0
        for size in sorted(sizes):
            for _ in range(2 * (size - events)):
                log_likelihood += of_grid.log_likelihood(draw_nucleons(nucleus, generator)).reshape(shape)
            events = size
            drawn[size].append(_draws(system, log_likelihood, draws, generator))
    return {size: np.stack(parts, axis=1) for size, parts in drawn.items()}


def _axes(system: DeformedNuclei, finer: int) -> list[np.ndarray]:
    """Values of each parameter from end to end of the prior, at steps of COARSE over `finer` or less."""
    ends = zip(
        *system.prior.quantile(np.multiply.outer([-1, 1], np.full(len(system.prior.names), 6.0))), strict=True
    )
    return [np.linspace(low, high, finer * int(np.ceil((high - low) / COARSE)) + 1) for low, high in ends]


def _draws(
    system: DeformedNuclei, log_likelihood: np.ndarray, draws: int, generator: np.random.Generator
) -> np.ndarray:
    """Draw (draws, d) from the posterior of a log-likelihood on the coarse grid, splines between its points."""
    coarse, fine = _axes(system, 1), _axes(system, FINE)
    for axis, (points, at) in enumerate(zip(coarse, fine, strict=True)):
        log_likelihood = make_interp_spline(points, log_likelihood, axis=axis)(at)
    grid = np.stack(np.meshgrid(*fine, indexing="ij"), -1).reshape(-1, len(fine))
    log_density = log_likelihood.ravel() + system.prior.log_density(grid)
    weight = np.exp(log_density - log_density.max())
    chosen = grid[generator.choice(len(grid), draws, p=weight / weight.sum())]
    steps = np.array([values[1] - values[0] for values in fine])
    return np.clip(chosen + steps * (generator.random(chosen.shape) - 0.5), grid[0], grid[-1])
