r"""Dual variables of a complex scalar field: integers k and l >= 0 on the links of a torus, and the weight of each.

.. math:: e^{-S} = \prod_{x,\nu} \frac{e^{\mu k_{x,\nu} \delta_{\nu,d}}}{(|k_{x,\nu}|+l_{x,\nu})!\, l_{x,\nu}!}
    \prod_x W(s_x), \qquad \sum_\nu (k_{x,\nu} - k_{x-\nu,\nu}) = 0,

with W(s) and s_x of `worldlines.weights` and `worldlines.worm` (C. Gattringer and T. Kloiber, Nucl. Phys. B 869 (2013) 56
[1206.2954]). A configuration is an array (2d, *shape): k in each direction, time the last, and then l.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import erfcx, gammaln

from emulant.worldlines.action import BoseGas
from emulant.worldlines.weights import site_ratios

__all__ = ["LARGEST", "Dual", "DualWeights", "divergence", "half_occupation", "split"]

LARGEST = 127
"""Largest integer on a link: that of int8, which a mean flux of 100 a link would need."""


class Dual(NamedTuple):
    """The integers of configurations, each (N, d, *shape) int64.

    Attributes:
        flux: k.
        pairs: l.
    """

    flux: np.ndarray
    pairs: np.ndarray


def split(configurations: np.ndarray) -> Dual:
    """Separate k and l of configurations (N, 2d, *shape) of whole numbers."""
    whole = configurations.astype(np.int64)
    directions = whole.shape[1] // 2
    return Dual(whole[:, :directions], whole[:, directions:])


def divergence(flux: np.ndarray) -> np.ndarray:
    """Compute what flows out of each site less what flows in, (N, *shape)."""
    return sum(flux[:, a] - np.roll(flux[:, a], 1, a + 1) for a in range(flux.shape[1]))


def half_occupation(dual: Dual) -> np.ndarray:
    """Compute s_x / 2, (N, *shape); where flux is not conserved s may be odd, and the half is rounded down."""
    load = np.abs(dual.flux) + 2 * dual.pairs
    return sum(load[:, a] + np.roll(load[:, a], 1, a + 1) for a in range(load.shape[1])) // 2


class DualWeights:
    """Tables of a field, from which the weight of a configuration and its observables follow.

    Arguments:
        gas: with coupling > 0.

    Attributes:
        ratio: W(2j + 2) / W(2j), (levels,).
        log_site: ln W(2j), (levels,).
        log_factorial: ln n!.
    """

    def __init__(self, gas: BoseGas) -> None:
        self.gas = gas
        # Both ends of every link of a site at their largest, and two more for <|phi|^4>.
        levels = 3 * gas.dimension * LARGEST + 3
        self.ratio = site_ratios(gas.eta, gas.coupling, levels)
        root = math.sqrt(gas.coupling)
        # W(0) = int r exp(-eta r^2 - lambda r^4) dr.
        empty = math.log(math.sqrt(math.pi) / (4 * root) * erfcx(gas.eta / (2 * root)))
        self.log_site = empty + np.concatenate([[0.0], np.cumsum(np.log(self.ratio[:-1]))])
        self.log_factorial = gammaln(np.arange(2 * LARGEST + 2) + 1.0)

    def action(self, configurations: np.ndarray) -> np.ndarray:
        """Compute S of configurations (N, 2d, *shape), (N,); infinite where they are no configuration."""
        bounded = np.clip(np.rint(configurations), -LARGEST, LARGEST)
        dual = split(bounded)
        broken = (bounded != configurations) | (np.arange(bounded.shape[1]) >= self.gas.dimension).reshape(
            -1, *[1] * self.gas.dimension
        ) & (bounded < 0)
        allowed = ~broken.any(self._sites) & ~divergence(dual.flux).any(self._sites[:-1])
        action = np.full(len(configurations), np.inf)
        action[allowed] = self._action(Dual(*(part[allowed] for part in dual)))
        return action

    def _action(self, dual: Dual) -> np.ndarray:
        links = self.log_factorial[np.abs(dual.flux) + dual.pairs] + self.log_factorial[dual.pairs]
        sites = self.log_site[half_occupation(dual)]
        charge = dual.flux[:, -1].sum(self._sites[:-1])
        return links.sum(self._sites) - sites.sum(self._sites[:-1]) - self.gas.mu * charge

    def moments(self, dual: Dual) -> tuple[np.ndarray, np.ndarray]:
        """Compute the estimators of |phi|^2 and |phi|^4 at each site, (N, *shape)."""
        half = half_occupation(dual)
        return self.ratio[half], self.ratio[half] * self.ratio[half + 1]

    def pair_balance(self, dual: Dual) -> np.ndarray:
        r"""Compute the mean over links of l (|k| + l) - R_x R_y, (N,), R_x = W(s_x + 2) / W(s_x): 0 on average.

        A shift of l by one is a bijection of the configurations, which only the weights at both ends of its link change.
        """
        half, total = half_occupation(dual), 0.0
        for axis in range(dual.flux.shape[1]):
            # A link around a torus of one site has both ends there.
            same = int(half.shape[axis + 1] == 1)
            product = self.ratio[half] * self.ratio[np.roll(half, -1, axis + 1) + same]
            pairs = dual.pairs[:, axis]
            total = total + pairs * (np.abs(dual.flux[:, axis]) + pairs) - product
        return total.reshape(len(half), -1).mean(1) / dual.flux.shape[1]

    @property
    def _sites(self) -> tuple[int, ...]:
        """Axes of directions and sites."""
        return tuple(range(1, self.gas.dimension + 2))
