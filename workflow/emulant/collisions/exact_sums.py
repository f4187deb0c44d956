"""Sums of momentum and energy made exact: transverse shifts, boosts, and one factor of all momenta.

Particles share what the transverse sum lacks in proportion to pT^2, so that those along the beam stay there, unless the
wanted sum is across. The factor is found so that the energies add up, as in RAMBO (R. Kleiss, W. J. Stirling, S. D. Ellis,
Comput. Phys. Commun. 40 (1986) 359). Sums are exact to rounding.
"""

from typing import Any

from array_api_compat import array_namespace

from emulant.collisions.events import boosted, on_shell

__all__ = ["conserving"]

ITERATIONS, PRECISION = 60, 1e-14


def conserving(momenta: Any, masses: Any, there: Any, sums: Any) -> tuple[Any, Any]:
    """Change momenta so that those of each event have given sums; (N, slots, 4), and which events have them, (N,).

    An event that has fewer than two particles, or masses above its energy, cannot have them and is left as it was. Arrays of
    numpy or torch, all of one device.

    Arguments:
        momenta: of the particles of N events, (N, slots, 4) in GeV.
        masses: of the particles in GeV, (N, slots).
        there: which slots hold a particle, (N, slots); what the others hold does not matter.
        sums: px, py, pz and energy of each event in GeV, (N, 4).
    """
    xp = array_namespace(momenta)
    nothing = xp.zeros_like(masses)
    masses = xp.where(there, masses, nothing)
    clean = xp.where(there[..., None], momenta, nothing[..., None])
    number, energy = xp.sum(xp.astype(there, masses.dtype), axis=1), sums[:, 3]
    invariant = energy**2 - xp.sum(sums[:, :3] ** 2, axis=1)
    possible = (number >= 2) & (invariant > 0) & (xp.sum(masses, axis=1) ** 2 < invariant)
    one = xp.ones_like(energy)
    across = clean[..., :2]
    share = xp.sum(across**2, axis=-1)
    share = share / xp.where(xp.sum(share, axis=1) > 0, xp.sum(share, axis=1), one)[:, None]
    across = across - share[..., None] * xp.sum(across, axis=1)[:, None, :]
    balanced = on_shell(xp.concat([across, clean[..., 2:3]], axis=-1), masses)
    total = xp.sum(balanced, axis=1)
    back = xp.where(possible, -total[:, 2] / xp.where(possible, total[:, 3], one), 0 * one)
    resting = boosted(balanced, _along(back))[..., :3]
    # What rounding left of the sum would grow with the number of particles.
    mean = _along(xp.sum(resting[..., 2], axis=1) / xp.where(possible, number, one))
    resting = xp.where(there[..., None], resting - mean, nothing[..., None])
    invariant = xp.sqrt(xp.where(possible, invariant, one))
    scale = _scale(xp.sum(resting**2, axis=-1), masses, possible, invariant)
    velocity = xp.where(
        possible[:, None], sums[:, :3] / xp.where(possible, energy, one)[:, None], 0 * sums[:, :3]
    )
    found = boosted(on_shell(resting * scale[:, None, None], masses), velocity[:, None, :])
    return xp.where(possible[:, None, None] & there[..., None], found, momenta), possible


def _along(values: Any) -> Any:
    """Vectors along the beam for all particles of each event, (N, 1, 3)."""
    xp = array_namespace(values)
    return xp.stack([0 * values, 0 * values, values], axis=-1)[:, None, :]


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
