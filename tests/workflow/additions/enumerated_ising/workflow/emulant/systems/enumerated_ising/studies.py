"""Studies: how often each energy level is met."""

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.storage.ensemble import open_ensemble
from emulant.systems.enumerated_ising.system import Ising, bond_energy

__all__ = ["studies"]


def energy_levels(system: Ising, inputs: StudyInputs) -> StudyTable:
    """Compare the share of each energy level in the reference with the enumeration."""
    with open_ensemble(inputs.reference, site_shape=system.site_shape) as ensemble:
        met = bond_energy(ensemble.read())
    exact = bond_energy(system.states)
    levels = np.unique(exact)
    table = pd.DataFrame(
        {
            "energy": levels,
            "exact": [system.probabilities[exact == level].sum() for level in levels],
            "reference": [(met == level).mean() for level in levels],
        }
    )
    distance = 0.5 * (table["exact"] - table["reference"]).abs().sum()
    return StudyTable(table, {"total_variation": float(distance)})


studies = {"energy_levels": energy_levels}
