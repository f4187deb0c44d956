"""Map from standard normal variables to momenta, on the device of the model."""

import numpy as np
import torch
from torch import Tensor, nn

from emulant.collisions.events import on_shell
from emulant.families.heidi.azimuth import azimuth, flow_of
from emulant.families.heidi.flow_between import flow_tables, with_distance
from emulant.families.heidi.gaussian import EDGES, REACH, KindMaps
from emulant.families.heidi.grid import Grid
from emulant.families.heidi.kinds import KINDS

__all__ = ["Momenta", "SeenMomenta", "momenta_of"]

NO_WEIGHT = 1e-6
"""Weight of a node below which no event needs its tables: what a condition in float32 leaves of none."""


class Momenta(nn.Module):
    """Inverse of `KindMaps.encode`; its tables are buffers, not weights, and move with the model.

    Between the nodes of the maps, transverse momenta and rapidities at fixed ranks, and the coefficients of flow, are
    interpolated by `Grid.weights`, of directed flow over b (`flow_between`).

    Arguments:
        maps: maps of all kinds.
    """

    def __init__(self, maps: KindMaps) -> None:
        super().__init__()
        self.nodes = maps.nodes
        tables = {"pt": maps.pt, "rapidity": maps.rapidity.reshape(-1, maps.rapidity.shape[-1])}
        flow = flow_tables(maps.nodes, maps.flow.reshape(len(maps.nodes), KINDS, -1))
        tables |= {"flow": flow.coefficients, "squares": flow.squares, "masses": maps.masses}
        tables |= {"bound": maps.bound, "edges": EDGES[1:-1], "mean_masses": maps.bound.mean(axis=1)}
        for name, table in tables.items():
            self.register_buffer(name, torch.from_numpy(table.copy()), persistent=False)

    def weights(self, points: np.ndarray) -> Tensor:
        """Compute the weights (N, K) of the maps' nodes for events at conditions (N, 2)."""
        return torch.from_numpy(Grid.of_nodes(self.nodes).weights(points)).to(self.pt.device)

    def drawn_masses(self, kinds: Tensor, uniform: Tensor) -> Tensor:
        """Return masses (N, slots) in GeV of particles, from uniform random numbers in [0, 1)."""
        return _entries(self.bound, kinds, uniform.to(self.bound.dtype))

    def forward(self, weights: Tensor, kinds: Tensor, normal: Tensor, masses: Tensor | None = None) -> Tensor:
        """Compute momenta and energies (N, slots, 4) in GeV.

        Arguments:
            weights: weights of the maps for each event, (N, K).
            kinds: kinds of the particles, (N, slots).
            normal: standard normal variables, (N, slots, 3).
            masses: masses in GeV for the energies, (N, slots); None for the mean of each kind.
        """
        normal, weights = normal.to(self.pt.dtype), weights.to(self.pt.dtype)
        radius = torch.hypot(normal[..., 0], normal[..., 1])
        rank = -torch.expm1(-(radius**2) / 2)
        ranges, count = torch.searchsorted(self.edges, rank, right=True), len(self.edges) + 1
        pt, rapidity = torch.zeros_like(radius), torch.zeros_like(radius)
        for node in torch.nonzero(weights.abs().amax(dim=0) > NO_WEIGHT).ravel().tolist():
            weight, rows = weights[:, node, None], kinds + node * KINDS
            pt += weight * _entries(self.pt, rows, radius / REACH)
            rapidity += weight * _entries(
                self.rapidity, rows * count + ranges, (normal[..., 2] / REACH + 1) / 2
            )
        pt, rapidity = self.bounded(pt, rapidity, kinds, ranges)
        flow = torch.einsum("nk,kmc->nmc", weights, self.flow)
        flow = with_distance(flow, (weights @ self.squares)[:, None])
        coefficients = flow.gather(1, kinds.unsqueeze(-1).expand(-1, -1, flow.shape[-1]))
        psi = torch.atan2(normal[..., 1], normal[..., 0])
        angle = azimuth(psi, flow_of(coefficients, rank, torch.special.ndtr(normal[..., 2])))
        pz = torch.hypot(self.masses[kinds], pt) * rapidity.sinh()
        masses = self.mean_masses[kinds] if masses is None else masses
        return on_shell(torch.stack([pt * angle.cos(), pt * angle.sin(), pz], dim=-1), masses)

    def bounded(self, pt: Tensor, rapidity: Tensor, kinds: Tensor, ranges: Tensor) -> tuple[Tensor, Tensor]:
        """Return interpolated transverse momenta and rapidities, each (N, slots), where they can be."""
        return pt.clamp_min(0), rapidity


class SeenMomenta(Momenta):
    """Momenta of incomplete events, which stay in the acceptance: where particles of their kind were seen.

    Interpolation between nodes may have negative weights, so it alone would leave the range of the tables.
    """

    def __init__(self, maps: KindMaps) -> None:
        super().__init__(maps)
        pt, rapidity = (table.unflatten(0, (len(self.nodes), -1)) for table in (self.pt, self.rapidity))
        for name, table in (("pt", pt), ("rapidity", rapidity)):
            self.register_buffer(f"lowest_{name}", table[..., 0].amin(dim=0), persistent=False)
            self.register_buffer(f"highest_{name}", table[..., -1].amax(dim=0), persistent=False)

    def bounded(self, pt: Tensor, rapidity: Tensor, kinds: Tensor, ranges: Tensor) -> tuple[Tensor, Tensor]:
        """Return values within the tables of a kind, of rapidity at this transverse momentum."""
        cells = kinds * (len(self.edges) + 1) + ranges
        return (
            torch.clamp(pt, self.lowest_pt[kinds], self.highest_pt[kinds]),
            torch.clamp(rapidity, self.lowest_rapidity[cells], self.highest_rapidity[cells]),
        )


def momenta_of(maps: KindMaps, *, complete: bool) -> Momenta:
    """Return the momenta of complete or of incomplete events."""
    return Momenta(maps) if complete else SeenMomenta(maps)


def _entries(tables: Tensor, rows: Tensor, positions: Tensor) -> Tensor:
    """Interpolate one table per particle linearly, at positions in [0, 1]."""
    position = positions.clamp(0, 1) * (tables.shape[1] - 1)
    left = position.long().clamp_max(tables.shape[1] - 2)
    low = tables[rows, left]
    return low + (tables[rows, left + 1] - low) * (position - left)
