"""The energy of a distribution in the plane: one scalar, whose gradient is the score and whose exponential the density."""

from typing import Any

import torch
from torch import Tensor

from emulant.families._planar import PlanarModel
from emulant.families._planar_studies import planar_studies
from emulant.families._planar_table import FINEST
from emulant.transport.metropolis import metropolis_adjusted_langevin

__all__ = ["Model", "studies"]

studies = planar_studies

FEATURES = 24
"""Odd features in each factor of e, so products in its sum: half as many as the hidden layers of
`config/models/energy.yaml` have channels, so that both factors together are as wide as these."""

METROPOLIS_STEPS = 24
"""Steps on E after the flow where the settings do not say: a quarter of them tune the size of the step."""


class Model(PlanarModel):
    r"""E(u, s) = ½ u^T (C + s²)^{-1} u + e(v, s)/√(1 + s²), n = -∂e/∂v: curl-free by construction.

    e is a sum of products of odd features, so it is even, and ½ v^T A(s) v. With the solver `metropolis` a few
    Metropolis-adjusted Langevin steps on E at its finest noise follow the flow.
    """

    outputs = 2 * FEATURES

    def __init__(
        self, settings: dict[str, Any], deviation: Tensor, correlation: Tensor, **fitted: Any
    ) -> None:
        super().__init__(settings, deviation, correlation, **fitted)
        with torch.no_grad():
            self.network.project.weight[:FEATURES].normal_(std=self.network.project.in_features**-0.5)

    def scalar(self, v: Tensor, noise: Tensor) -> Tensor:
        """e(v, s), (N,)."""
        v = self.inside(v)
        left, right = self.network(v[..., None], self.position(noise)).chunk(2, dim=-1)
        linear = self.linear_at(noise).to(v.dtype)
        return (left * right).sum(-1) + 0.5 * torch.einsum("ni,nij,nj->n", v, linear, v)

    def fitted(self, second: Tensor, product: Tensor) -> Tensor:
        """The symmetric A of least squares, A<v v^T> + <v v^T>A = <error v^T> + <v error^T>."""
        powers, axes = torch.linalg.eigh(second)
        product = axes.T @ (product + product.T) @ axes
        return axes @ (product / (powers[:, None] + powers)) @ axes.T

    def correction(self, v: Tensor, noise: Tensor, *, train: bool = False) -> Tensor:
        """-∂e/∂v, (N, 2)."""
        with torch.enable_grad():
            leaf = v if train and v.requires_grad else v.detach().requires_grad_(True)
            total = self.scalar(leaf, noise).sum()
            return -torch.autograd.grad(total, leaf, create_graph=train)[0]

    def energy(self, points: Tensor, noise: float = FINEST) -> Tensor:
        """E of points (N, 2) in the units of the data, up to a constant, (N,) float64.

        `noise` is in units of the deviations; at the finest, exp(-E) is the density to about its square.
        """
        return self._energy(points / self.deviation.to(points.dtype), noise)

    def _energy(self, u: Tensor, noise: float = FINEST) -> Tensor:
        s = torch.full((len(u),), noise, dtype=torch.float64, device=u.device)
        v = torch.einsum("nij,nj->ni", self.whitening(s).to(u.dtype), u)
        return 0.5 * v.double().square().sum(1) + self.scalar(v, s).double() / (1 + noise**2) ** 0.5

    @property
    def evaluations(self) -> int:
        """Calls of the network for each point; at the start, and in each Metropolis step, of E and of its gradient."""
        return super().evaluations + (2 * (1 + self._metropolis_steps) if self._metropolis_steps else 0)

    @property
    def _metropolis_steps(self) -> int:
        """Steps that follow the flow."""
        generation = self.settings["generation"]
        if generation["solver"] != "metropolis":
            return 0
        return generation.get("metropolis_steps", METROPOLIS_STEPS)

    @torch.no_grad()
    def refined(self, u: Tensor, generator: torch.Generator) -> Tensor:
        """Metropolis-adjusted Langevin steps on E, where the solver says so."""
        if not self._metropolis_steps:
            return u
        noise = torch.tensor(FINEST, dtype=torch.float64, device=u.device)
        closure = metropolis_adjusted_langevin(
            u,
            self._energy,
            lambda x: -self.score_of(x, noise.expand(len(x))),
            self.measure,
            steps=self._metropolis_steps,
            generator=generator,
        )
        return closure.fields
