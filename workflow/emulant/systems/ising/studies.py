"""Studies of the Ising model: observables against beta."""

from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.errors import InputError
from emulant.randomness.seeds import job_seed
from emulant.spins.observables import energy_density, order_parameter, specific_heat
from emulant.spins.scan import scanned
from emulant.spins.spin_chains import SpinChains, SpinMoves, starts
from emulant.statistics.weights import minus_log_mean
from emulant.systems.ising.system import Ising

__all__ = ["studies"]

OBSERVABLES = {
    module.observable.name: module.observable for module in (energy_density, specific_heat, order_parameter)
}
MOVES = SpinMoves(heat_bath=1, clusters=4)
WANNIER = 0.3230659
"""Entropy of the ground states of the infinite triangular antiferromagnet for each site (G. H. Wannier, 1950)."""
SMALL = 6
"""Side of the smallest torus that has three sublattices and rows of alternating sign."""
COLD = 3.0
"""-beta J from which on excitations, at least 4 |J| each, add less than 1e-5 to the entropy of a site."""
BATCH = 1024
"""Samples of one batch; random numbers belong to batches."""


def study_scan(system: Ising, inputs: StudyInputs) -> StudyTable:
    """Measure energy, specific heat and |M| at several beta, by heat bath and clusters.

    Returns:
        Columns of `spins.scan.scanned`; the record has the largest pull of what is known exactly.
    """
    rows = []
    for beta in inputs.settings["betas"]:
        other, generator = system.at({"beta": beta}), np.random.default_rng(job_seed(inputs.seed, f"{beta}"))
        spins, _ = starts(
            other.site_shape,
            other.lattice,
            inputs.settings["chains"],
            aligned=other.bond >= 0,
            generator=generator,
        )
        chains = SpinChains(spins, other.bond, other.lattice, seed=int(generator.integers(2**62)))
        rows += scanned(other, chains, MOVES, OBSERVABLES, inputs.settings["updates"])
    table = pd.DataFrame(rows)
    pulls = ((table["value"] - table["exact"]) / table["error"]).abs().dropna()
    return StudyTable(table, {"largest_pull": float(pulls.max())} if len(pulls) else {})


def study_ground_states(system: Ising, inputs: StudyInputs) -> StudyTable:
    """Count the ground states of a cold triangular antiferromagnet by models that know log q, and extrapolate.

    Rows are this torus, by each model, one of side SMALL by the transfer matrix, and the limit 1/L^2 -> 0 through both.

    Returns:
        Columns model, side, entropy (ln of the number for each site), error, exact (of the infinite lattice, Wannier).

    Raises:
        InputError: for another lattice or sign, or a torus that cuts its three sublattices or their rows of either sign.
    """
    check_ground_states(system)
    smaller = system.at({"shape": [SMALL, SMALL]})
    few = _entropy(smaller, smaller.log_partition())
    rows = [{"model": "", "side": float(SMALL), "entropy": few, "error": 0.0}]
    side = system.site_shape[0]
    for name, model in inputs.models.items():
        log_z, error = _log_partition(system, model, inputs)
        many, error = _entropy(system, log_z), error / side**2
        rows.append({"model": name, "side": float(side), "entropy": many, "error": error})
        gain = side**2 / (side**2 - SMALL**2)
        limit = few + gain * (many - few)
        rows.append({"model": name, "side": np.inf, "entropy": limit, "error": gain * error})
    return StudyTable(pd.DataFrame(rows).assign(exact=WANNIER), {})


def check_ground_states(system: Ising) -> None:
    """Raise InputError where corrections to the entropy are not one power of 1/L^2, or the system is another one."""
    height, width = system.site_shape
    if system.lattice != "triangular" or system.bond > -COLD:
        expected = f"triangular with beta J at most {-COLD:g} for the study ground_states"
        raise InputError("system", "lattice, beta, coupling", expected, (system.lattice, system.bond))
    if height != width or height % SMALL or height == SMALL:
        expected = f"one even multiple of 3 above {SMALL}, as rows alternate and there are three sublattices"
        raise InputError("system", "shape", expected, [height, width])


def _entropy(system: Ising, log_z: float) -> float:
    """Entropy of the ground states for each site, whose energy is one frustrated bond for each of the triangles."""
    sites = system.site_shape[0] * system.site_shape[1]
    return log_z / sites + system.bond


def _log_partition(system: Ising, model: Any, inputs: StudyInputs) -> tuple[float, float]:
    """Ln Z by the weights of fresh samples of a model, with its error."""
    import torch

    weights, count = [], inputs.settings["samples"]
    for first in range(0, count, BATCH):
        generator = torch.Generator().manual_seed(job_seed(inputs.seed, "batch", str(first)))
        drawn = model.sample(min(BATCH, count - first), generator)
        weights.append((-system.action(drawn.values) - drawn.log_q).numpy())
    value, error = minus_log_mean(np.concatenate(weights))
    return -value, error


studies = {"scan": study_scan, "ground_states": study_ground_states}
