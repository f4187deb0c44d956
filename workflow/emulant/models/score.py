"""The score of a distribution in the plane as a vector field, whose curl nothing forbids."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from emulant.models._planar import LEVELS, PlanarModel, levels

__all__ = ["Model"]


class Model(PlanarModel):
    """n(v, s) is what an odd perceptron returns, less A(s) v.

    A is what the perceptron's error has of a linear function at each noise level, measured on the training table after
    training (`calibrate`): the change of second moments along the flow is then right, whatever the perceptron misses.
    """

    def __init__(self, settings: dict[str, Any], deviation: Tensor, correlation: Tensor) -> None:
        super().__init__(settings, deviation, correlation)
        self.linear = torch.zeros(LEVELS, 2, 2, dtype=torch.float64)

    def parts(self) -> dict[str, Tensor]:
        """Those of every planar model, and A."""
        return super().parts() | {"linear": self.linear}

    def take(self, tensors: dict[str, Tensor], weights: Path) -> "Model":
        """With A and the weights of the network."""
        self.linear = tensors.pop("linear")
        return super().take(tensors, weights)

    def place(self, device: torch.device | str) -> "Model":
        """Move network and tables to `device`."""
        self.linear = self.linear.to(device)
        return super().place(device)

    def correction(self, v: Tensor, noise: Tensor, *, train: bool = False) -> Tensor:
        """n(v, s), (N, 2)."""
        found = self.network(v[..., None], self.position(noise))
        return found - torch.einsum("nji,nj->ni", self._linear(noise).to(v.dtype), v)

    @torch.no_grad()
    def calibrate(self, fields: Tensor, generator: torch.Generator) -> None:
        """Measure A by least squares over the nodes of every level, weighted with the density there."""
        self.linear.zero_()
        found = []
        for s in levels().to(self.linear.device):
            own = self.table["noise"] == s
            v, target, noise = (self.table[name][own] for name in ("v", "target", "noise"))
            error = (self.correction(v, noise) - target).double()
            weighted = self.table["density"][own, None] * v.double()
            found.append(torch.linalg.solve(weighted.T @ v.double(), weighted.T @ error))
        self.linear = torch.stack(found)

    def _linear(self, noise: Tensor) -> Tensor:
        """A at noise (N,), linear in its logarithm between levels, (N, 2, 2)."""
        known = levels().log().to(noise.device)
        place = ((noise.double().log() - known[0]) / (known[1] - known[0])).clamp(0, LEVELS - 1 - 1e-9)
        index = place.long()
        left, right = self.linear[index], self.linear[index + 1]
        return left + (right - left) * (place - index)[:, None, None]
