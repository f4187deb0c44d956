"""Studies of the Ising model: observables against beta."""

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.randomness.seeds import job_seed
from emulant.spins.observables import energy_density, order_parameter, specific_heat
from emulant.spins.scan import scanned
from emulant.spins.spin_chains import SpinChains, SpinMoves, starts
from emulant.systems.ising.system import Ising

__all__ = ["studies"]

OBSERVABLES = {
    module.observable.name: module.observable for module in (energy_density, specific_heat, order_parameter)
}
MOVES = SpinMoves(heat_bath=1, clusters=4)


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


studies = {"scan": study_scan}
