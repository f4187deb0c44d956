"""From normal numbers back to momenta, on the device of the model."""

import numpy as np
import torch
from torch import Tensor, nn

from emulant.collisions.cloud.gaussian import EDGES, REACH, SpeciesMaps
from emulant.collisions.cloud.impact import between
from emulant.collisions.events import on_shell

__all__ = ["Momenta"]


class Momenta(nn.Module):
    """The inverse of `SpeciesMaps.encode`; its tables are no weights and move with the model.

    Arguments:
        maps: of each species.
    """

    def __init__(self, maps: SpeciesMaps) -> None:
        super().__init__()
        self.knots = maps.knots
        tables = {"pt": maps.pt, "rapidity": maps.rapidity.reshape(-1, maps.rapidity.shape[-1])}
        for name, table in (tables | {"masses": maps.masses, "edges": EDGES[1:-1]}).items():
            self.register_buffer(name, torch.from_numpy(table.copy()), persistent=False)

    def rows(self, kinds: Tensor, impact: np.ndarray, uniform: Tensor) -> Tensor:
        """Which table each particle uses: of the two knots around its impact parameter, by chance.

        So the distribution of single particles is linear between knots.

        Arguments:
            kinds: species, (N, slots).
            impact: of the events in fm, (N,).
            uniform: random numbers in [0, 1), (N, slots).
        """
        left, right, weight = (
            torch.from_numpy(np.asarray(part)).to(kinds.device)[:, None]
            for part in between(self.knots, impact)
        )
        return torch.where(uniform < weight, right, left) * len(self.masses) + kinds

    def forward(self, rows: Tensor, normal: Tensor) -> Tensor:
        """Momenta and energies (N, slots, 4) in GeV of normal numbers (N, slots, 3), by tables (N, slots) of `rows`."""
        normal = normal.to(self.pt.dtype)
        radius = torch.hypot(normal[..., 0], normal[..., 1])
        pt = _entries(self.pt, rows, radius / REACH)
        ranges = torch.searchsorted(self.edges, -torch.expm1(-(radius**2) / 2), right=True)
        own = rows * (len(self.edges) + 1) + ranges
        rapidity = _entries(self.rapidity, own, (normal[..., 2] / REACH + 1) / 2)
        masses = self.masses[rows % len(self.masses)]
        direction = normal[..., :2] / radius.clamp_min(1e-30)[..., None]
        pz = torch.hypot(masses, pt) * rapidity.sinh()
        return on_shell(torch.cat([pt[..., None] * direction, pz[..., None]], dim=-1), masses)


def _entries(tables: Tensor, rows: Tensor, places: Tensor) -> Tensor:
    """Entries of one table a particle, at places in [0, 1]."""
    place = places.clamp(0, 1) * (tables.shape[1] - 1)
    left = place.long().clamp_max(tables.shape[1] - 2)
    low = tables[rows, left]
    return low + (tables[rows, left + 1] - low) * (place - left)
