"""Study `silver_blaze`: the density by worldlines and by complex Langevin, for growing extents in time."""

import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.randomness.seeds import job_seed
from emulant.systems.bose_gas.silver_blaze import silver_blaze
from emulant.systems.bose_gas.system import BoseGasSystem

__all__ = ["studies"]


def silver_blaze_study(system: BoseGasSystem, inputs: StudyInputs) -> StudyTable:
    """Measure the charge density against mu by both methods.

    Settings are `extents`, `sweeps` of the worldlines, `walkers` and `time` of complex Langevin.

    Returns:
        One row for each method, extent and chemical potential, with the columns of `silver_blaze`.
    """
    *space, extent = system.parameters["shape"]
    settings = inputs.settings
    options = {
        "worldline": {"sweeps": settings["sweeps"]},
        "langevin": {"walkers": settings["walkers"], "time": settings["time"]},
    }
    tables = []
    for method, method_options in options.items():
        rows = silver_blaze(
            system.parameters["mu"],
            sorted({extent, *settings["extents"]}),
            mass=system.parameters["mass"],
            coupling=system.parameters["lambda"],
            space=tuple(space),
            method=method,
            seed=job_seed(inputs.seed, method),
            **method_options,
        )
        tables.append(pd.DataFrame(rows).assign(method=method))
    return StudyTable(pd.concat(tables, ignore_index=True), {})


studies = {"silver_blaze": silver_blaze_study}
