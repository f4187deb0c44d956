"""Interface of systems of a single degree of freedom: density, exact values and exact samples."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from emulant.contracts.system import Symmetry
from emulant.scalar.fields import Fields
from emulant.scalar.schwinger_dyson import schwinger_dyson
from emulant.scalar.symmetry import reflected_and_exchanged
from emulant.statistics.cumulants import ORDER, cumulant_ratios, cumulants
from emulant.statistics.means import mean_of_each

__all__ = ["SingleSite"]


class SingleSite(ABC):
    """A symmetric measure e^{-S(φ)} of one real variable; fields have the shape (N, 1)."""

    kind: ClassVar[str]
    site_shape: ClassVar[tuple[int, ...]] = (1,)
    # The field is that of a lattice with one site, which these leave where it is.
    symmetries: ClassVar[tuple[Symmetry, ...]] = (reflected_and_exchanged,)

    def view(self, configurations: np.ndarray) -> Fields:
        """Wrap configurations (n, *site_shape) for the observables."""
        return Fields(configurations, self)

    def odd(self, configurations: np.ndarray) -> np.ndarray:
        """The mean, which changes sign with the configuration, (n,)."""
        return mean_of_each(configurations)

    @property
    @abstractmethod
    def parameters(self) -> dict[str, float]:
        """Return the parameters of the system by their names in the configuration."""

    @abstractmethod
    def potential(self, phi: Any) -> Any:
        """Compute S(φ) of an array or a tensor of any shape."""

    @abstractmethod
    def gradient(self, fields: Any) -> Any:
        """Compute dS/dφ, of the shape of `fields`."""

    @abstractmethod
    def log_density(self, phi: Any, signal: float = 1.0, noise: float = 0.0) -> Any:
        """Compute log p(φ) of a φ₀ + b z, normalised; a = `signal`, b = `noise`."""

    @abstractmethod
    def denoiser(self, phi: Any, signal: float, noise: float) -> Any:
        """Compute E[φ₀ | a φ₀ + b z = φ]."""

    @abstractmethod
    def moments(self) -> np.ndarray:
        """Compute <φ>, <φ²>, ..., <φ⁸>, shape (8,)."""

    @abstractmethod
    def expectation(self, function: Any) -> float:
        """Compute <f(φ)> exactly; f may have a kink at φ = 0."""

    @abstractmethod
    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Draw independent exact samples, shape (count, 1)."""

    def action(self, fields: Any) -> Any:
        """Compute S of each configuration, shape (N,)."""
        return self.potential(fields)[..., 0]

    def density(self, phi: Any, signal: float = 1.0, noise: float = 0.0) -> Any:
        """Compute p(φ) of a φ₀ + b z."""
        return np.exp(self.log_density(phi, signal, noise))

    def score(self, phi: Any, signal: float = 1.0, noise: float = 0.0) -> Any:
        """Compute the score ∂ log p of a φ₀ + b z.

        By Tweedie's formula (a E[φ₀|φ] - φ) / b²; without noise it is -dS/dφ / a at φ / a.
        """
        if noise == 0:
            return -self.gradient(phi / signal) / signal
        return (signal * self.denoiser(phi, signal, noise) - phi) / noise**2

    def cumulants(self) -> np.ndarray:
        """Compute κ₁, ..., κ₈, shape (8,)."""
        return cumulants(self.moments())

    def violations(self, configurations: np.ndarray) -> dict[str, np.ndarray]:
        """Left minus right side of the Schwinger-Dyson identities, (n,) each."""
        return schwinger_dyson(configurations, self)

    def exact_values(self) -> list[dict[str, Any]]:
        """Tabulate (observable, index, value, error = 0) of every observable."""
        kappa = self.cumulants()
        ratios = cumulant_ratios(kappa)
        rows = [("kappa", n, kappa[n - 1]) for n in range(2, ORDER + 1, 2)]
        rows += [("kappa_ratio", n, ratios[n - 1]) for n in range(4, ORDER + 1, 2)]
        rows += [
            ("field_squared", 0, kappa[1]),
            ("magnetisation", 0, 0.0),
            ("abs_magnetisation", 0, self.expectation(np.abs)),
            ("action_density", 0, self.expectation(self.potential)),
            ("schwinger_dyson", 0, 1.0),
        ]
        return [{"observable": o, "index": i, "value": float(v), "error": 0.0} for o, i, v in rows]
