"""What observables of spins are shown of a chunk of configurations."""

from functools import cached_property

import numpy as np

from emulant.contracts.quantity import Quantity
from emulant.scalar.fields import Fields

__all__ = ["Spins"]


class Spins(Fields):
    """Spins +-1 of one system."""

    @cached_property
    def magnetisation(self) -> np.ndarray:
        """M, the mean over sites, (n,)."""
        return self.values.reshape(len(self.values), -1).mean(1)

    @property
    def order(self) -> np.ndarray:
        """Modulus of the magnetisation, (n,)."""
        return np.abs(self.magnetisation)

    @property
    def energy(self) -> np.ndarray:
        """E for each site, (n,)."""
        return self.system.energy(self.values) / self.volume

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Quantities whose distributions are drawn: magnetisation and energy for each site."""
        return {
            "M": Quantity(self.magnetisation[:, None], "M", bins=60),
            "E": Quantity(self.energy[:, None], "E/V", bins=60),
        }
