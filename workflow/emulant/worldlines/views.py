"""What observables of dual variables are shown of a chunk of configurations."""

from functools import cached_property

import numpy as np

from emulant.contracts.quantity import Quantity
from emulant.worldlines.dual import Dual, DualWeights, divergence, split

__all__ = ["DualView"]


class DualView:
    """Integers on the links of a torus.

    Arguments:
        configurations: (n, 2d, *shape).
        weights: of the field.
    """

    def __init__(self, configurations: np.ndarray, weights: DualWeights) -> None:
        self.configurations, self.weights = configurations, weights

    @cached_property
    def dual(self) -> Dual:
        """K and l, each (n, d, *shape)."""
        return split(self.configurations)

    @cached_property
    def broken(self) -> np.ndarray:
        """|div k| at each site, (n, V)."""
        return self._flat(np.abs(divergence(self.dual.flux)))

    @cached_property
    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Means over sites of the estimators of |phi|^2 and |phi|^4, (n,) each."""
        squared, fourth = map(self._flat, self.weights.moments(self.dual))
        return squared.mean(1), fourth.mean(1)

    @property
    def density(self) -> np.ndarray:
        """Charge for each site, the mean of k in time, (n,)."""
        return self._flat(self.dual.flux[:, -1]).mean(1)

    @property
    def windings(self) -> np.ndarray:
        """How often worldlines wind around the torus in each direction, (n, d); in time it is the charge."""
        flux = self.dual.flux
        return flux.reshape(*flux.shape[:2], -1).sum(2) / np.array(flux.shape[2:])

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Quantities whose distributions are drawn: k in time, l, and the occupation of a site."""
        return {
            "k in time": Quantity(self._flat(self.dual.flux[:, -1]), "k_d"),
            "l": Quantity(self._flat(self.dual.pairs), "l"),
            "|phi|^2": Quantity(self.moments[0][:, None], r"|\phi|^2", bins=60),
        }

    @staticmethod
    def _flat(values: np.ndarray) -> np.ndarray:
        return values.reshape(len(values), -1)
