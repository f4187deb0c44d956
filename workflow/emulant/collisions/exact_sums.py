"""Sums of momentum and energy made exact: a boost to rest, one factor of all momenta, and a boost along the beam.

The factor is found so that the energies add up, as in RAMBO (R. Kleiss, W. J. Stirling, S. D. Ellis, Comput. Phys. Commun.
40 (1986) 359). Sums are exact to rounding.
"""

from typing import Any

from array_api_compat import array_namespace

from emulant.collisions.events import boosted, on_shell

__all__ = ["conserving"]

ITERATIONS, PRECISION = 60, 1e-14


def conserving(momenta: Any, masses: Any, there: Any, energy: Any, pz: Any) -> tuple[Any, Any]:
    """Change momenta so that those of each event sum to (0, 0, pz, energy); (N, slots, 4), and which events have it, (N,).

    An event that has fewer than two particles, or masses above its energy, cannot have it and is left as it was. Arrays of
    numpy or torch, all of one device.

    Arguments:
        momenta: of the particles of N events, (N, slots, 4) in GeV.
        masses: of the particles in GeV, (N, slots).
        there: which slots hold a particle, (N, slots); what the others hold does not matter.
        energy, pz: of each event in GeV, (N,).
    """
    xp = array_namespace(momenta)
    nothing = xp.zeros_like(masses)
    masses = xp.where(there, masses, nothing)
    clean = xp.where(there[..., None], momenta, nothing[..., None])
    number, invariant = xp.sum(xp.astype(there, masses.dtype), axis=1), energy**2 - pz**2
    possible = (number >= 2) & (invariant > 0) & (xp.sum(masses, axis=1) ** 2 < invariant)
    one = xp.ones_like(energy)
    total = xp.sum(clean, axis=1)
    rest = -total[:, :3] / xp.where(possible, total[:, 3], one)[:, None]
    resting = boosted(clean, xp.where(possible[:, None], rest, 0 * rest)[:, None, :])[..., :3]
    # What rounding left of the sum would grow with the number of particles.
    mean = xp.sum(resting, axis=1) / xp.where(possible, number, one)[:, None]
    resting = xp.where(there[..., None], resting - mean[:, None, :], nothing[..., None])
    invariant = xp.sqrt(xp.where(possible, invariant, one))
    scale = _scale(xp.sum(resting**2, axis=-1), masses, possible, invariant)
    along = xp.where(possible, pz / xp.where(possible, energy, one), 0 * one)
    velocity = xp.stack([0 * along, 0 * along, along], axis=-1)[:, None, :]
    found = boosted(on_shell(resting * scale[:, None, None], masses), velocity)
    return xp.where(possible[:, None, None] & there[..., None], found, momenta), possible


def _scale(squared: Any, masses: Any, possible: Any, invariant: Any) -> Any:
    """Factor of the momenta of each event at which the energies sum to `invariant`: Newton, from above, is monotone."""
    xp = array_namespace(squared)
    one = xp.ones_like(invariant)
    # Above the root: energies exceed the momenta, so the factor of massless particles is never too small.
    scale = invariant / xp.where(possible, xp.sum(xp.sqrt(squared), axis=1), one)
    for _ in range(ITERATIONS):
        energy = xp.sqrt(scale[:, None] ** 2 * squared + masses**2)
        slope = scale[:, None] * squared / xp.where(energy > 0, energy, xp.ones_like(energy))
        step = (xp.sum(energy, axis=1) - invariant) / xp.where(possible, xp.sum(slope, axis=1), one)
        step = xp.where(possible, step, 0 * one)
        scale = scale - step
        if not bool(xp.any(xp.abs(step) > PRECISION * xp.abs(scale))):
            break
    return scale
