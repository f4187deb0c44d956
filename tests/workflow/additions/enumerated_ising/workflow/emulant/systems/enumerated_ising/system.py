"""The Ising model with periodic boundaries, S = -beta sum over bonds of s s'."""

import itertools
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from emulant.contracts.quantity import Quantity

__all__ = ["Ising", "Spins", "bond_energy", "from_settings"]

ENUMERATED = 16
"""Largest number of sites whose states are enumerated: 65536 of them."""


def bond_energy(spins: np.ndarray) -> np.ndarray:
    """Compute E = -sum over bonds of s s' of configurations (N, L, L)."""
    wide = spins.astype(np.int64)
    return -sum((wide * np.roll(wide, 1, axis)).sum(axis=(1, 2)) for axis in (1, 2))


class Spins:
    """A chunk of configurations as observables see it."""

    def __init__(self, spins: np.ndarray) -> None:
        self.spins = spins

    @cached_property
    def energy(self) -> np.ndarray:
        """E per site, (N,)."""
        return bond_energy(self.spins) / self.spins[0].size

    @cached_property
    def magnetisation(self) -> np.ndarray:
        """Mean over sites, (N,)."""
        return self.spins.mean(axis=(1, 2))

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Return the quantity whose distribution is drawn."""
        return {"m": Quantity(self.magnetisation[:, None], "m", bins=17)}


class Ising:
    """Spins +-1 on a square lattice.

    Arguments:
        beta: inverse temperature.
        shape: sites in each direction.
    """

    kind, dtype = "enumerated_ising", "int8"

    def __init__(self, beta: float, shape: tuple[int, ...]) -> None:
        self.beta, self.site_shape = beta, tuple(shape)
        self.parameters = {"beta": beta, "shape": list(shape)}

    def view(self, spins: np.ndarray) -> Spins:
        """Show spins (n, L, L) to observables."""
        return Spins(spins)

    def action(self, spins: np.ndarray) -> np.ndarray:
        """S of each configuration, (N,)."""
        return self.beta * bond_energy(np.asarray(spins))

    def odd(self, spins: np.ndarray) -> np.ndarray:
        """The magnetisation, (N,)."""
        return spins.mean(axis=(1, 2))

    @cached_property
    def states(self) -> np.ndarray:
        """All configurations, (2^sites, L, L)."""
        sites = int(np.prod(self.site_shape))
        return np.array(list(itertools.product([1, -1], repeat=sites)), np.int8).reshape(-1, *self.site_shape)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Exact probability of each of `states`."""
        weight = np.exp(-(self.action(self.states) - self.action(self.states).min()))
        return weight / weight.sum()

    def exact_values(self) -> list[dict[str, Any]]:
        """Energy and |m| by enumeration, where the lattice is small enough."""
        if np.prod(self.site_shape) > ENUMERATED:
            return []
        view = Spins(self.states)
        values = {"energy": view.energy, "abs_magnetisation": np.abs(view.magnetisation)}
        return [
            {"observable": name, "index": 0, "value": float(self.probabilities @ column), "error": 0.0}
            for name, column in values.items()
        ]


def from_settings(settings: Mapping[str, Any]) -> Ising:
    """Build the system of a `system` block."""
    return Ising(settings["beta"], tuple(settings["shape"]))
