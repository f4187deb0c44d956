"""Studies of the XY model: observables against beta."""

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.randomness.seeds import job_seed
from emulant.spins.angle_chains import AngleChains, AngleMoves, starts
from emulant.spins.observables import energy_density
from emulant.spins.scan import scanned
from emulant.systems.xy.observables import helicity_modulus, vortex_density
from emulant.systems.xy.system import XY

__all__ = ["studies"]

OBSERVABLES = {
    module.observable.name: module.observable for module in (energy_density, helicity_modulus, vortex_density)
}
MOVES = AngleMoves(heat_bath=1, over_relaxation=1, clusters=4)


def study_scan(system: XY, inputs: StudyInputs) -> StudyTable:
    """Measure energy, helicity modulus and density of vortices at several beta, by heat bath and clusters.

    Returns:
        Columns of `spins.scan.scanned`.
    """
    rows = []
    for beta in inputs.settings["betas"]:
        other, generator = system.at({"beta": beta}), np.random.default_rng(job_seed(inputs.seed, f"{beta}"))
        angles, _ = starts(other.site_shape, inputs.settings["chains"], generator)
        chains = AngleChains(angles, beta, seed=int(generator.integers(2**62)))
        rows += scanned(other, chains, MOVES, OBSERVABLES, inputs.settings["updates"])
    return StudyTable(pd.DataFrame(rows), {})


studies = {"scan": study_scan}
