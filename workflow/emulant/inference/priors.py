"""Priors of independent parameters, and the map to standard normal variables in which each of them is alike.

z = Phi^-1(F(theta)) with F the distribution function of the prior: z is standard normal under it, and no z leads outside.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special

from emulant.errors import InputError

__all__ = ["Marginal", "Prior", "prior_from"]

EDGE = 1e-6
"""Least distance from the ends of F: beyond it z exceeds 4.75, where float32 does not resolve F."""


@dataclass(frozen=True)
class Marginal:
    """The prior of one parameter.

    Arguments:
        name: of the parameter.
        law: `uniform` between `first` and `second`, or `normal` with mean `first` and deviation `second`.
    """

    name: str
    law: str
    first: float
    second: float

    @property
    def mean(self) -> float:
        """The mean."""
        return 0.5 * (self.first + self.second) if self.law == "uniform" else self.first

    @property
    def deviation(self) -> float:
        """The standard deviation."""
        return (self.second - self.first) / math.sqrt(12) if self.law == "uniform" else self.second

    def quantile(self, z: np.ndarray) -> np.ndarray:
        """Map a standard normal variable to the parameter."""
        if self.law == "normal":
            return self.first + self.second * z
        return self.first + (self.second - self.first) * special.ndtr(z)

    def normal(self, values: np.ndarray) -> np.ndarray:
        """Map the parameter to a standard normal variable; what lies outside goes to the edge."""
        if self.law == "normal":
            return (values - self.first) / self.second
        return special.ndtri(np.clip((values - self.first) / (self.second - self.first), EDGE, 1 - EDGE))

    def log_density(self, values: np.ndarray) -> np.ndarray:
        """Compute ln p of values, minus infinity outside."""
        if self.law == "normal":
            z = (values - self.first) / self.second
            return -0.5 * z**2 - math.log(self.second) - 0.5 * math.log(2 * math.pi)
        inside = (values >= self.first) & (values <= self.second)
        return np.where(inside, -math.log(self.second - self.first), -np.inf)


@dataclass(frozen=True)
class Prior:
    """Independent parameters.

    Arguments:
        marginals: one for each parameter, in the order of the columns.
    """

    marginals: tuple[Marginal, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(marginal.name for marginal in self.marginals)

    @property
    def mean(self) -> np.ndarray:
        """Means, (d,)."""
        return np.array([marginal.mean for marginal in self.marginals])

    @property
    def deviation(self) -> np.ndarray:
        """Standard deviations, (d,)."""
        return np.array([marginal.deviation for marginal in self.marginals])

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Draw parameters, (count, d)."""
        return self.quantile(generator.standard_normal((count, len(self.marginals))))

    def quantile(self, z: np.ndarray) -> np.ndarray:
        """Map standard normal variables (..., d) to parameters."""
        return self._each(z, "quantile")

    def normal(self, parameters: np.ndarray) -> np.ndarray:
        """Map parameters (..., d) to standard normal variables."""
        return self._each(parameters, "normal")

    def standardised(self, parameters: np.ndarray) -> np.ndarray:
        """Parameters (..., d) less their means over their deviations: a smooth function of them stays as smooth."""
        return (parameters - self.mean) / self.deviation

    def log_density(self, parameters: np.ndarray) -> np.ndarray:
        """Compute ln p of parameters (..., d), minus infinity outside."""
        return self._each(parameters, "log_density").sum(-1)

    def exact_values(self) -> list[dict[str, Any]]:
        """List moments as exact values of the observables `parameter_means` and `parameter_squares`."""
        moments = {"parameter_means": self.mean, "parameter_squares": self.mean**2 + self.deviation**2}
        return [
            {"observable": name, "index": n, "value": float(value), "error": 0.0}
            for name, numbers in moments.items()
            for n, value in enumerate(numbers, 1)
        ]

    def _each(self, values: np.ndarray, name: str) -> np.ndarray:
        """Apply a function of the marginals to their columns."""
        functions = {
            "quantile": Marginal.quantile,
            "normal": Marginal.normal,
            "log_density": Marginal.log_density,
        }
        columns = [functions[name](marginal, values[..., k]) for k, marginal in enumerate(self.marginals)]
        return np.stack(columns, axis=-1)


def prior_from(block: Mapping[str, Mapping[str, Sequence[float]]], where: str) -> Prior:
    """Build the prior of a block: name -> {uniform: [lowest, highest]} or {normal: [mean, deviation]}.

    Raises:
        InputError: naming the parameter whose upper edge lies below its lower one, or whose deviation is not positive.
    """
    return Prior(tuple(_marginal(name, dict(law), where) for name, law in block.items()))


def _marginal(name: str, law: dict[str, Any], where: str) -> Marginal:
    ((kind, numbers),) = law.items()
    first, second = map(float, numbers)
    if kind == "uniform" and not first < second:
        raise InputError(
            where, f"prior.{name}", "a lower edge below the upper one", f"[{first:g}, {second:g}]"
        )
    if kind == "normal" and not second > 0:
        raise InputError(where, f"prior.{name}", "a positive deviation", f"{second:g}")
    return Marginal(name, kind, first, second)
