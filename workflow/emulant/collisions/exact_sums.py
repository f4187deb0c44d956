"""Projection of momenta onto exact total momentum and energy: transverse shifts, boosts, and a common rescaling.

The transverse recoil is shared in proportion to pT^2, so that particles along the beam stay there unless the requested sum
is transverse. The common factor makes the energies add up, as in RAMBO (R. Kleiss, W. J. Stirling, S. D. Ellis, Comput.
Phys. Commun. 40 (1986) 359). Sums are exact to rounding.
"""

from typing import Any

from array_api_compat import array_namespace

from emulant.collisions.events import boosted, on_shell

__all__ = ["conserving"]

ITERATIONS = 60
"""Limit on Newton steps, a guard only: convergence is quadratic."""
PRECISION = 1e-14
"""Relative change of the factor at which it has converged, some tens of roundings of a double."""


def conserving(momenta: Any, masses: Any, occupied: Any, sums: Any) -> tuple[Any, Any]:
    """Change the momenta of each event so that they have given sums; (N, slots, 4) in GeV, and the mask of success (N,).

    An event with fewer than two particles, or with masses above its invariant energy, cannot have them and is left
    unchanged. Arrays of numpy or torch, all on one device.

    Arguments:
        momenta: of the particles of N events, (N, slots, 4) in GeV.
        masses: of the particles in GeV, (N, slots).
        occupied: mask of slots that hold a particle, (N, slots); the values of the others are ignored.
        sums: px, py, pz and energy of each event in GeV, (N, 4).
    """
    xp = array_namespace(momenta)
    zeros = xp.zeros_like(masses)
    masses = xp.where(occupied, masses, zeros)
    masked = xp.where(occupied[..., None], momenta, zeros[..., None])
    particles, energy = xp.sum(xp.astype(occupied, masses.dtype), axis=1), sums[:, 3]
    invariant = energy**2 - xp.sum(sums[:, :3] ** 2, axis=1)
    possible = (particles >= 2) & (invariant > 0) & (xp.sum(masses, axis=1) ** 2 < invariant)
    ones = xp.ones_like(energy)
    transverse = masked[..., :2]
    share = xp.sum(transverse**2, axis=-1)
    share = share / xp.where(xp.sum(share, axis=1) > 0, xp.sum(share, axis=1), ones)[:, None]
    transverse = transverse - share[..., None] * xp.sum(transverse, axis=1)[:, None, :]
    balanced = on_shell(xp.concat([transverse, masked[..., 2:3]], axis=-1), masses)
    total = xp.sum(balanced, axis=1)
    minus_velocity = xp.where(possible, -total[:, 2] / xp.where(possible, total[:, 3], ones), 0 * ones)
    resting = boosted(balanced, _along(minus_velocity))[..., :3]
    # Remove the rounding error of the sum, which grows with the number of particles.
    mean = _along(xp.sum(resting[..., 2], axis=1) / xp.where(possible, particles, ones))
    resting = xp.where(occupied[..., None], resting - mean, zeros[..., None])
    invariant = xp.sqrt(xp.where(possible, invariant, ones))
    scale = _scale(xp.sum(resting**2, axis=-1), masses, possible, invariant)
    velocity = xp.where(
        possible[:, None], sums[:, :3] / xp.where(possible, energy, ones)[:, None], 0 * sums[:, :3]
    )
    shifted = boosted(on_shell(resting * scale[:, None, None], masses), velocity[:, None, :])
    return xp.where(possible[:, None, None] & occupied[..., None], shifted, momenta), possible


def _along(values: Any) -> Any:
    """Return vectors (0, 0, values) along the beam, (N, 1, 3), from values (N,)."""
    xp = array_namespace(values)
    return xp.stack([0 * values, 0 * values, values], axis=-1)[:, None, :]


def _scale(squared: Any, masses: Any, possible: Any, invariant: Any) -> Any:
    """Compute the factor of all momenta of an event at which the energies sum to `invariant`, by Newton's method, (N,)."""
    xp = array_namespace(squared)
    one = xp.ones_like(invariant)
    # Start above the root, where Newton's method is monotone: E >= |p|, so the factor of massless particles is too large.
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
