r"""How the stand-in depends on the energy of the beam: freeze-out curve, and rapidities that follow those of the nuclei.

Temperature and baryon chemical potential follow J. Cleymans, H. Oeschler, K. Redlich and S. Wheaton, Phys. Rev. C 73 (2006)
034905, hep-ph/0511094,

    mu = 1.308(28) GeV / (1 + 0.273(8) sqrt(s)),    T = 0.166(2) - 0.139(16) mu^2 - 0.053(21) mu^4,

with sqrt(s) of two nucleons and everything in GeV (numbers as two public codes quote them from there, the thermal model
Thermal-FIST among them, examples/cpc/cpc4-mcHRG.cpp), scaled such that 10 GeV a nucleon has the parameters of `Surrogate`,
whose gas has no resonances. Slopes of transverse spectra, the kinetic temperature, follow T, and the width in rapidity
follows the rapidity of the nuclei.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from emulant.collisions.surrogate import Surrogate
from emulant.collisions.urqmd_types import NUCLEON, centre_of_mass_boost

__all__ = ["beam_rapidity_at", "energy_at", "freeze_out", "stand_in_at"]

TUNED = 10.0
"""GeV a nucleon for which the parameters of the stand-in were chosen."""


def freeze_out(energy: float) -> tuple[float, float]:
    """Compute temperature and baryon chemical potential, GeV, for a beam of `energy` (kinetic, GeV a nucleon)."""
    root = np.sqrt(2 * NUCLEON * (energy + 2 * NUCLEON))
    potential = 1.308 / (1 + 0.273 * root)
    return float(0.166 - 0.139 * potential**2 - 0.053 * potential**4), float(potential)


def beam_rapidity_at(energy: float) -> float:
    """Compute the rapidity of the nuclei in the NN centre of mass for a beam of `energy` (kinetic, GeV a nucleon)."""
    return float(np.arctanh(centre_of_mass_boost(energy)))


def energy_at(rapidity: Any) -> Any:
    """Invert `beam_rapidity_at`; an array goes in and out as it is."""
    return 2 * NUCLEON * np.sinh(rapidity) ** 2


def stand_in_at(energy: float, **collision: Any) -> Surrogate:
    """Return the stand-in of a collision at a beam energy.

    Arguments:
        energy: kinetic energy of the beam, GeV a nucleon.
        collision: projectile, target and impact, as of `Surrogate`.
    """
    tuned = Surrogate(energy=energy, **collision)
    hotter, denser = (now / then for now, then in zip(freeze_out(energy), freeze_out(TUNED), strict=True))
    return replace(
        tuned,
        chemical_temperature=hotter * tuned.chemical_temperature,
        chemical_potential=denser * tuned.chemical_potential,
        kinetic_temperature=hotter * tuned.kinetic_temperature,
        width=tuned.width * beam_rapidity_at(energy) / beam_rapidity_at(TUNED),
    )
