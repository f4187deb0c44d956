"""The complex scalar field in dual variables as a system of the pipeline."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from emulant.contracts.system import Symmetry
from emulant.errors import InputError
from emulant.systems.complex_scalar.observables.divergence import LARGEST
from emulant.worldlines.action import BoseGas
from emulant.worldlines.dual import Dual, DualWeights, divergence, split
from emulant.worldlines.symmetries import mirrored, reversed_in_time, translated
from emulant.worldlines.transfer_matrix import log_partition, transfer_matrix
from emulant.worldlines.two_by_two import Ring, two_by_two
from emulant.worldlines.views import DualView

__all__ = ["ComplexScalar", "SolvedComplexScalar", "from_settings"]

LISTED = ("charge_density", "phi_squared", "phi_fourth")
"""Observables whose exact values are those of `worldlines.action.Observables`."""


class ComplexScalar:
    """Integers k and l on the links of a torus, configurations (2d, *shape); e^{-S} is their weight.

    Arguments:
        gas: shape, mass, coupling and chemical potential.
    """

    kind = "complex_scalar"
    dtype = "int8"
    symmetries: tuple[Symmetry, ...] = (translated, mirrored, reversed_in_time)

    def __init__(self, gas: BoseGas) -> None:
        self.gas = gas
        self.site_shape = (2 * gas.dimension, *gas.shape)
        self.parameters = {
            "mass": gas.mass,
            "lambda": gas.coupling,
            "shape": list(gas.shape),
            "mu": gas.mu,
        }

    @cached_property
    def weights(self) -> DualWeights:
        """Tables of the weight of a configuration."""
        return DualWeights(self.gas)

    def view(self, configurations: np.ndarray) -> DualView:
        """What observables are shown of configurations (n, *site_shape)."""
        return DualView(configurations, self.weights)

    def action(self, configurations: Any) -> Any:
        """S of each configuration, (N,) float64: infinite where k is not conserved, or a number not whole."""
        if isinstance(configurations, np.ndarray):
            return self.weights.action(configurations)
        from torch import from_numpy

        return from_numpy(self.weights.action(configurations.cpu().numpy()))

    def violations(self, configurations: np.ndarray) -> dict[str, np.ndarray]:
        """Left minus right side of the identity of pairs, (n,), which another mass or coupling breaks."""
        return {"<l (|k| + l)> = <R R>": self.weights.pair_balance(split(configurations))}

    def admit(self, configurations: np.ndarray) -> tuple[np.ndarray, str]:
        """Return configurations as they are; raises InputError where l < 0 or k is not conserved, naming the site."""
        dual = split(configurations)
        _check_pairs(dual)
        out = divergence(dual.flux)
        if out.any():
            row, *site = map(int, np.argwhere(out)[0])
            expected = "k that is conserved at every site, and l, as [k_1 ... k_d, l_1 ... l_d]"
            got = f"{out[(row, *site)]} more out than in at site {tuple(site)} of configuration {row}"
            raise InputError("configurations", "k", expected, got)
        return configurations, ""

    def at(self, condition: Mapping[str, Any]) -> "ComplexScalar":
        """The same field at other parameters, or on another lattice."""
        return from_settings({**self.parameters, **condition})

    def exact_values(self) -> list[dict[str, Any]]:
        """Flux is conserved: |div k| = 0 at every site."""
        values = [1.0, *[0.0] * LARGEST]
        return [
            {"observable": "divergence", "index": k, "value": v, "error": 0.0} for k, v in enumerate(values)
        ]


class SolvedComplexScalar(ComplexScalar):
    """The field in one dimension and on 2 x 2 sites, which is solved."""

    @cached_property
    def exact(self) -> Ring:
        """Ln Z and observables."""
        if self.gas.dimension == 1:
            return Ring(log_partition(self.gas), transfer_matrix(self.gas))
        return two_by_two(self.gas)

    def log_partition(self) -> float:
        """Ln Z, the sum over all integers: log q of a model is that of a probability."""
        return self.exact.log_partition

    def exact_values(self) -> list[dict[str, Any]]:
        """Density, <|phi|^2> and <|phi|^4> too."""
        solved = zip(LISTED, self.exact.observables, strict=True)
        more = [{"observable": name, "index": 0, "value": v, "error": 0.0} for name, v in solved]
        return super().exact_values() + more


def _check_pairs(dual: Dual) -> None:
    """Raise InputError where l is negative."""
    if (dual.pairs < 0).any():
        row, axis, *site = map(int, np.argwhere(dual.pairs < 0)[0])
        got = f"{dual.pairs[(row, axis, *site)]} in direction {axis + 1} at site {tuple(site)} of configuration {row}"
        raise InputError("configurations", "l", "l >= 0 in the last d of 2d components", got)


def from_settings(settings: Mapping[str, Any]) -> ComplexScalar:
    """Build the system of a `system` block."""
    gas = BoseGas(tuple(settings["shape"]), settings["mass"], settings["lambda"], settings["mu"])
    return (SolvedComplexScalar if gas.dimension == 1 or gas.shape == (2, 2) else ComplexScalar)(gas)
