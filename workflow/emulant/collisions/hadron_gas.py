r"""Canonical ideal hadron gas: multiplicities of each species with exact B, Q and S in every event.

Without conservation the numbers are Poissonian with means z_i = g_i V m_i^2 T K_2(m_i / T) / (2 pi^2) times fugacities.
The canonical ensemble is the same product of Poisson weights on the numbers that have the right charges, where the
fugacities drop out (F. Becattini and L. Ferroni, Eur. Phys. J. C 35 (2004) 243). It is sampled exactly, by rejection:
23 species are Poissonian, conservation then fixes those of n, pi^- and K^0, and the draw is accepted with the Poisson
probability of these three divided by its maximum. The gas has no resonances.
"""

from functools import cache

import numpy as np
from scipy.optimize import root
from scipy.special import gammaln, kn

from emulant.collisions.species import CHARGES, MASSES, PDG, SPECIES

__all__ = ["FIXED", "canonical_counts", "yields_per_baryon"]

# K^+-, K^0, Lambda, Sigma have one strange quark, Xi two, Omega three.
STRANGE = np.abs(CHARGES[:, 2])
# Degeneracies 2 J + 1.
SPINS = np.array([4 if abs(species.pdg) == 3334 else 2 if species.baryon else 1 for species in SPECIES])
FIXED = tuple(int(np.flatnonzero(pdg == PDG)[0]) for pdg in (2112, -211, 311))
"""Indices in SPECIES of n, pi^- and K^0: abundant, and their charges span B, Q and S."""
TRIES = 100_000
"""Draws before the charges count as out of reach of the means; a guard against an endless loop."""


@cache
def yields_per_baryon(
    temperature: float, chemical_potential: float, suppression: float, charge: float
) -> tuple[float, ...]:
    """Compute the mean number of each species per unit of baryon number.

    Arguments:
        temperature: temperature of the gas, GeV.
        chemical_potential: chemical potential of baryon number, GeV.
        suppression: gamma_s, a factor for each strange quark.
        charge: Q / B. It and zero strangeness fix the chemical potentials of Q and S.
    """
    base = SPINS * MASSES**2 * kn(2, MASSES / temperature) * suppression**STRANGE

    def gas(potentials: np.ndarray) -> np.ndarray:
        return base * np.exp(CHARGES @ np.array([chemical_potential, *potentials]) / temperature)

    def violation(potentials: np.ndarray) -> list[float]:
        baryon, electric, strange = gas(potentials) @ CHARGES
        return [electric / baryon - charge, strange / baryon]

    solution = root(violation, [0.0, chemical_potential / 5], tol=1e-12)
    if not solution.success:
        raise RuntimeError(f"no chemical potentials give Q / B = {charge}: {solution.message}")
    numbers = gas(solution.x)
    return tuple(numbers / (numbers @ CHARGES[:, 0]))


def canonical_counts(means: np.ndarray, charges: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draw the numbers of each species, (events, 26), with exactly the given B, Q and S in each event.

    Arguments:
        means: Poisson means of the gas without conservation, (events, 26).
        charges: B, Q and S of each event, (events, 3) integers.
        generator: source of all random numbers.

    Raises:
        RuntimeError: if no draw is accepted because the means are far from the charges.
    """
    fixed = list(FIXED)
    inverse = np.rint(np.linalg.inv(CHARGES[fixed].T)).astype(int)
    peak = _log_poisson(np.floor(means[:, fixed]), means[:, fixed]).sum(axis=1)
    counts, waiting = np.zeros(means.shape, int), np.arange(len(means))
    for _ in range(TRIES):
        if not len(waiting):
            return counts
        drawn = generator.poisson(means[waiting])
        drawn[:, fixed] = 0
        drawn[:, fixed] = (charges[waiting] - drawn @ CHARGES) @ inverse.T
        log = _log_poisson(drawn[:, fixed], means[np.ix_(waiting, fixed)]).sum(axis=1) - peak[waiting]
        accepted = np.log(generator.random(len(waiting))) < log
        counts[waiting[accepted]] = drawn[accepted]
        waiting = waiting[~accepted]
    raise RuntimeError(
        f"no numbers of hadrons with B, Q, S = {charges[waiting[0]].tolist()} in {TRIES} draws"
    )


def _log_poisson(counts: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Compute the logarithm of the Poisson probability; -inf for negative numbers."""
    log = counts * np.log(means) - means - gammaln(np.maximum(counts, 0) + 1)
    return np.where(counts >= 0, log, -np.inf)
