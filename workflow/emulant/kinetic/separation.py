"""Charge separation along y, the magnetic field's axis, put in at the beginning.

As in AMPT studies of the chiral magnetic effect (G.-L. Ma, B. Zhang, Phys. Lett. B 700 (2011) 39 [1101.1701]), p_y of
positive partons that move down and of negative ones that move up are exchanged, or the other way round. It is p_y alone:
the sums of momentum stay, the energy before the first time grows by a hundredth of f.
"""

import numpy as np

from emulant.errors import InputError
from emulant.kinetic.cascade import Matter
from emulant.kinetic.densities import AZIMUTH_EDGES

__all__ = ["asymmetry", "initial_response", "separate"]


def separate(matter: Matter, fraction: float, generator: np.random.Generator) -> None:
    """Exchange p_y until (N_up - N_down) / N of positive partons is `fraction` above, of negative ones below, what it was.

    Arguments:
        matter: partons, updated.
        fraction: f; positive where positive charges go up.
        generator: chooses the partons.

    Raises:
        InputError: unless |f| < 1.
    """
    if not -1 < fraction < 1:
        raise InputError("system", "separation", "fractions in (-1, 1)", fraction)
    sign = np.sign(matter.charge) * np.sign(fraction)
    up = matter.momentum[:, 2] > 0
    down_going, up_going = (np.flatnonzero(mask) for mask in ((sign > 0) & ~up, (sign < 0) & up))
    # Half of the sum, not the smaller number, whose mean would be below that of either.
    wanted = abs(fraction) * (len(down_going) + len(up_going)) / 2
    count = min(int(wanted + generator.random()), len(down_going), len(up_going))
    one, other = (generator.permutation(group)[:count] for group in (down_going, up_going))
    py = matter.momentum[:, 2]
    py[one], py[other] = py[other], py[one]
    p = matter.momentum[:, 1:]
    matter.momentum[:, 0] = np.sqrt((p**2).sum(axis=1) + matter.mass**2)


def asymmetry(matter: Matter) -> float:
    """Compute (N_up - N_down) / N of positive particles, less that of negative ones, over 2."""
    up = np.sign(matter.momentum[:, 2])
    return float(0.5 * (up[matter.charge > 0].mean() - up[matter.charge < 0].mean()))


def initial_response() -> float:
    """Compute a_1 / f of positive partons, from bins of azimuth, right after the exchange in matter at rest.

    Partons that kept p_y are isotropic; the others have p_x and p_y of independent partons, whose azimuth has, with the
    marginal (1 + |p|/T) exp(-|p|/T) / 4T of the massless gas, the density 3/16 [u^-2 + 2 cos sin u^-4], u = cos + sin.
    Of the dipole's change one half comes from each. Without bins the first half would be 2/pi.
    """
    phi, weight = np.polynomial.legendre.leggauss(8)
    sines = 0.0
    for low, high in zip(AZIMUTH_EDGES[:-1], AZIMUTH_EDGES[1:], strict=True):
        if low >= -1e-9 and high <= np.pi / 2 + 1e-9:
            angle = 0.5 * (low + high + (high - low) * phi)
            u, product = np.cos(angle) + np.sin(angle), np.cos(angle) * np.sin(angle)
            density = 3 / 16 * (u**-2 + 2 * product * u**-4) + 1 / (2 * np.pi)
            sines += 0.5 * (high - low) * (weight @ density) * np.sin(0.5 * (low + high))
    return float(2 * sines)
