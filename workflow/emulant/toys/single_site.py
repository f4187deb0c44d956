"""What every system of a single degree of freedom shares: a density, exact values and an exact reference."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emulant.lattice.fields import Fields
from emulant.statistics.cumulants import ORDER, cumulant_ratios, cumulants

__all__ = ["SingleSite"]

CHUNK = 1 << 18


class SingleSite(ABC):
    """A symmetric measure e^{-S(φ)} of one real variable; fields have the shape (N, 1)."""

    kind: ClassVar[str]
    site_shape: ClassVar[tuple[int, ...]] = (1,)
    observable_package: ClassVar[str] = "emulant.lattice.observables"

    def view(self, configurations: np.ndarray) -> Fields:
        """What observables are shown of configurations (n, *site_shape)."""
        return Fields(configurations, self)

    @property
    @abstractmethod
    def parameters(self) -> dict[str, float]:
        """The numbers that define the system, by their names in the configuration."""

    @abstractmethod
    def potential(self, phi: Any) -> Any:
        """S(φ) of an array or a tensor of any shape."""

    @abstractmethod
    def gradient(self, fields: Any) -> Any:
        """dS/dφ, of the shape of `fields`."""

    @abstractmethod
    def log_density(self, phi: Any, signal: float = 1.0, noise: float = 0.0) -> Any:
        """Return log p(φ) of a φ₀ + b z, normalised; a = `signal`, b = `noise`."""

    @abstractmethod
    def denoiser(self, phi: Any, signal: float, noise: float) -> Any:
        """E[φ₀ | a φ₀ + b z = φ]."""

    @abstractmethod
    def moments(self) -> np.ndarray:
        """<φ>, <φ²>, ..., <φ⁸>, shape (8,)."""

    @abstractmethod
    def expectation(self, function: Any) -> float:
        """Exact <f(φ)>, where f may have a kink at φ = 0."""

    @abstractmethod
    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Independent exact samples, shape (count, 1)."""

    def action(self, fields: Any) -> Any:
        """S of each configuration, shape (N,)."""
        return self.potential(fields)[..., 0]

    def density(self, phi: Any, signal: float = 1.0, noise: float = 0.0) -> Any:
        """p(φ) of a φ₀ + b z."""
        return np.exp(self.log_density(phi, signal, noise))

    def score(self, phi: Any, signal: float = 1.0, noise: float = 0.0) -> Any:
        """∂ log p of a φ₀ + b z: Tweedie's (a E[φ₀|φ] - φ) / b², or -dS/dφ / a at φ / a without noise."""
        if noise == 0:
            return -self.gradient(phi / signal) / signal
        return (signal * self.denoiser(phi, signal, noise) - phi) / noise**2

    def cumulants(self) -> np.ndarray:
        """κ₁, ..., κ₈, shape (8,)."""
        return cumulants(self.moments())

    def exact_values(self) -> list[dict[str, Any]]:
        """Rows (observable, index, value, error = 0) of every observable."""
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

    def sample_reference(
        self, path: Path, *, settings: dict[str, Any], seed: int, checkpoint: Path | None = None
    ) -> dict[str, Any]:
        """Write an exact ensemble.

        Arguments:
            path: the HDF5 file.
            settings: `sampler` (`exact`) and `samples`.
            seed: of the generator.
            checkpoint: not used, a restart takes seconds.

        Returns:
            Diagnostics of the ensemble.

        Raises:
            ValueError: for a sampler other than `exact`.
        """
        from emulant.storage.ensemble import EnsembleWriter
        from emulant.storage.provenance import provenance

        if settings["sampler"] != "exact":
            raise ValueError(f"reference.sampler: expected exact for {self.kind}, got {settings['sampler']}")
        attributes = provenance(
            system=self.kind, parameters=self.parameters, sampler="exact", seed=seed, device="cpu"
        )
        generator = np.random.default_rng(seed)
        count = settings["samples"]
        with EnsembleWriter(path, self.site_shape, attributes=attributes) as writer:
            for start in range(0, count, CHUNK):
                writer.append(self.sample(min(CHUNK, count - start), generator).astype(np.float32))
        return {"sampler": "exact", "samples": count, "tau_int": 0.5, "acceptance": 1.0, "equilibrated": True}
