r"""Momenta of each species as three numbers that are standard normal, one particle at a time.

With F_s and G_s the distribution functions of transverse momentum and rapidity of species s, a particle becomes
r (cos phi, sin phi) with r = sqrt(-2 ln(1 - F_s(pT))), and Phi^{-1}(G_s(y)). So a diffusion starts from the right
spectra, and its network learns only what these leave out: how pT and y hang together, flow, and how particles do.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from emulant.collisions.events import on_shell
from emulant.collisions.species import CHARGES, MASSES

__all__ = ["SpeciesMaps"]

GRID, REACH = 1025, 4.8
FEWEST = 100


@dataclass(frozen=True)
class SpeciesMaps:
    """The map of each species and its inverse.

    Attributes:
        pt: transverse momenta in GeV at equidistant r in [0, REACH], (26, GRID).
        rapidity: rapidities at equidistant normal scores in [-REACH, REACH], (26, GRID).
        masses: GeV, (26,).
    """

    pt: np.ndarray
    rapidity: np.ndarray
    masses: np.ndarray

    @classmethod
    def fit(cls, species: np.ndarray, momenta: np.ndarray, masses: np.ndarray) -> "SpeciesMaps":
        """From the particles of the training events.

        A species with fewer than 100 of them borrows from that with enough which is nearest in mass and has the same
        |B|, or from all particles together.

        Arguments:
            species: places in SPECIES, (n,).
            momenta: px, py, pz in GeV, (n, 3).
            masses: of the 26 species.
        """
        pt, rapidity = _polar(momenta, masses[species])
        numbers = np.bincount(species, minlength=len(masses))
        radii, scores = np.linspace(0, REACH, GRID), np.linspace(-REACH, REACH, GRID)
        tables = []
        for kind in range(len(masses)):
            source = _source(kind, numbers)
            mine = slice(None) if source is None else species == source
            tables.append(
                (
                    np.quantile(pt[mine], _rayleigh(radii), method="hazen"),
                    np.quantile(rapidity[mine], ndtr(scores), method="hazen"),
                )
            )
        return cls(np.stack([t[0] for t in tables]), np.stack([t[1] for t in tables]), masses)

    def encode(self, species: np.ndarray, momenta: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Momenta (n, 3) in GeV as normal numbers (n, 3); equal momenta spread over the range that they stand for."""
        pt, rapidity = _polar(momenta, self.masses[species])
        angle = np.where(
            pt > 0, np.arctan2(momenta[:, 1], momenta[:, 0]), generator.uniform(0, 2 * np.pi, len(pt))
        )
        uniform = generator.random((2, len(pt)))
        radius, along = np.empty(len(pt)), np.empty(len(pt))
        for kind in np.unique(species):
            mine = species == kind
            low, high = (REACH * place for place in _places(self.pt[kind], pt[mine]))
            radius[mine] = _drawn(low, high, uniform[0, mine], _rayleigh, _rayleigh_inverse)
            low, high = (REACH * (2 * place - 1) for place in _places(self.rapidity[kind], rapidity[mine]))
            along[mine] = _drawn(low, high, uniform[1, mine], ndtr, ndtri)
        return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), along])

    def decode(self, species: np.ndarray, normal: np.ndarray) -> np.ndarray:
        """Momenta and energies (n, 4) in GeV of normal numbers (n, 3)."""
        radius = np.hypot(normal[:, 0], normal[:, 1])
        pt = _values(self.pt, species, radius / REACH)
        rapidity = _values(self.rapidity, species, (normal[:, 2] / REACH + 1) / 2)
        direction = normal[:, :2] / np.maximum(radius, 1e-30)[:, None]
        masses = self.masses[species]
        pz = np.sqrt(masses**2 + pt**2) * np.sinh(rapidity)
        return on_shell(np.column_stack([pt[:, None] * direction, pz]), masses)

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `load` needs."""
        return {
            f"maps.{name}": torch.from_numpy(getattr(self, name)) for name in ("pt", "rapidity", "masses")
        }

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "SpeciesMaps":
        """The inverse of `tensors`; what it uses is taken out of them."""
        return cls(*(tensors.pop(f"maps.{name}").numpy() for name in ("pt", "rapidity", "masses")))


def _polar(momenta: np.ndarray, masses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pt = np.hypot(momenta[:, 0], momenta[:, 1])
    return pt, np.arcsinh(momenta[:, 2] / np.sqrt(masses**2 + pt**2))


def _source(kind: int, numbers: np.ndarray) -> int | None:
    """The species whose particles tell the spectra of `kind`."""
    if numbers[kind] >= FEWEST:
        return kind
    alike = np.flatnonzero((numbers >= FEWEST) & (np.abs(CHARGES[:, 0]) == abs(CHARGES[kind, 0])))
    return None if not len(alike) else int(alike[np.argmin(np.abs(MASSES[alike] - MASSES[kind]))])


def _places(table: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last place in [0, 1] where an ascending table has each value; one, unless entries are equal."""
    low, high = np.searchsorted(table, values, "left"), np.searchsorted(table, values, "right")
    left, right = np.clip(low - 1, 0, len(table) - 1), np.clip(low, 0, len(table) - 1)
    gap = table[right] - table[left]
    between = left + np.divide(values - table[left], gap, out=np.zeros(len(values)), where=gap > 0)
    found = high > low
    last = len(table) - 1
    return np.where(found, low, between) / last, np.where(found, high - 1, between) / last


def _drawn(
    low: np.ndarray,
    high: np.ndarray,
    uniform: np.ndarray,
    law: Callable[[np.ndarray], np.ndarray],
    inverse: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Numbers between two bounds, distributed as `law` has them there."""
    tied = high > low
    out = low.copy()
    bottom, top = law(low[tied]), law(high[tied])
    out[tied] = np.clip(inverse(bottom + uniform[tied] * (top - bottom)), low[tied], high[tied])
    return out


def _rayleigh(radius: np.ndarray) -> np.ndarray:
    return -np.expm1(-(radius**2) / 2)


def _rayleigh_inverse(probability: np.ndarray) -> np.ndarray:
    return np.sqrt(-2 * np.log1p(-probability))


def _values(tables: np.ndarray, species: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Entries of the tables of each particle's species at places in [0, 1]."""
    place = np.clip(places, 0, 1) * (tables.shape[1] - 1)
    left = np.minimum(place.astype(int), tables.shape[1] - 2)
    low = tables[species, left]
    return low + (tables[species, left + 1] - low) * (place - left)
