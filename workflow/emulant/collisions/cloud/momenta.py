"""From normal numbers back to momenta, on the device of the model."""

import numpy as np
import torch
from torch import Tensor, nn

from emulant.collisions.cloud.azimuth import azimuth, flow_of
from emulant.collisions.cloud.gaussian import EDGES, REACH, KindMaps
from emulant.collisions.cloud.impact import curve_weights
from emulant.collisions.cloud.kinds import KINDS
from emulant.collisions.events import on_shell

__all__ = ["Momenta"]


class Momenta(nn.Module):
    """The inverse of `KindMaps.encode`; its tables are no weights and move with the model.

    Between the impact parameters of the maps, transverse momenta and rapidities of given ranks, and the coefficients of
    flow, follow curves through those at all of them.

    Arguments:
        maps: of each kind.
    """

    def __init__(self, maps: KindMaps) -> None:
        super().__init__()
        self.knots = maps.knots
        tables = {"pt": maps.pt, "rapidity": maps.rapidity.reshape(-1, maps.rapidity.shape[-1])}
        tables |= {"flow": maps.flow.reshape(len(maps.knots), KINDS, -1), "masses": maps.masses}
        tables |= {"bound": maps.bound, "edges": EDGES[1:-1], "mean_masses": maps.bound.mean(axis=1)}
        for name, table in tables.items():
            self.register_buffer(name, torch.from_numpy(table.copy()), persistent=False)

    def weights(self, impact: np.ndarray) -> Tensor:
        """Of the maps' impact parameters, at those of events (N,) in fm, (N, K)."""
        return torch.from_numpy(curve_weights(self.knots, impact)).to(self.pt.device)

    def drawn_masses(self, kinds: Tensor, uniform: Tensor) -> Tensor:
        """Masses (N, slots) in GeV of particles, by random numbers in [0, 1)."""
        return _entries(self.bound, kinds, uniform.to(self.bound.dtype))

    def forward(self, weights: Tensor, kinds: Tensor, normal: Tensor, masses: Tensor | None = None) -> Tensor:
        """Momenta and energies (N, slots, 4) in GeV.

        Arguments:
            weights: of each event, (N, K).
            kinds: of the particles, (N, slots).
            normal: the normal numbers, (N, slots, 3).
            masses: for the energies, (N, slots) in GeV; the mean of each kind if not given.
        """
        normal = normal.to(self.pt.dtype)
        radius = torch.hypot(normal[..., 0], normal[..., 1])
        rank = -torch.expm1(-(radius**2) / 2)
        ranges, count = torch.searchsorted(self.edges, rank, right=True), len(self.edges) + 1
        pt, rapidity = torch.zeros_like(radius), torch.zeros_like(radius)
        for knot, weight in enumerate(weights.T[..., None]):
            rows = kinds + knot * KINDS
            pt += weight * _entries(self.pt, rows, radius / REACH)
            rapidity += weight * _entries(
                self.rapidity, rows * count + ranges, (normal[..., 2] / REACH + 1) / 2
            )
        pt = pt.clamp_min(0)
        flow = torch.einsum("nk,kmc->nmc", weights, self.flow)
        own = flow.gather(1, kinds.unsqueeze(-1).expand(-1, -1, flow.shape[-1]))
        turned = torch.atan2(normal[..., 1], normal[..., 0])
        angle = azimuth(turned, flow_of(own, rank, torch.special.ndtr(normal[..., 2])))
        pz = torch.hypot(self.masses[kinds], pt) * rapidity.sinh()
        masses = self.mean_masses[kinds] if masses is None else masses
        return on_shell(torch.stack([pt * angle.cos(), pt * angle.sin(), pz], dim=-1), masses)


def _entries(tables: Tensor, rows: Tensor, places: Tensor) -> Tensor:
    """Entries of one table a particle, at places in [0, 1]."""
    place = places.clamp(0, 1) * (tables.shape[1] - 1)
    left = place.long().clamp_max(tables.shape[1] - 2)
    low = tables[rows, left]
    return low + (tables[rows, left + 1] - low) * (place - left)
