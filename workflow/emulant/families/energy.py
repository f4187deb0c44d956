"""The energy of a distribution in the plane: one scalar, whose gradient is the score and whose exponential the density."""

from typing import Any

import torch
from torch import Tensor

from emulant.contracts.family import Examples
from emulant.families._planar import PlanarModel
from emulant.families._planar_studies import planar_studies
from emulant.families._planar_table import FINEST
from emulant.families._planar_tilt import even_monomials, tilt_of
from emulant.transport.empirical_plane import PlaneHistogram
from emulant.transport.metropolis import metropolis_adjusted_langevin

__all__ = ["Model", "studies"]

studies = planar_studies

CELLS = 400
"""Of the plane in each direction, where moments are compared: cells as narrow as the finest noise."""

FEATURES = 24
"""Odd features in each factor of e, so products in its sum: half as many as the hidden layers of
`config/models/energy.yaml` have channels, so that both factors together are as wide as these."""

METROPOLIS_STEPS = 24
"""Steps on E after the flow where the settings do not say: a quarter of them tune the size of the step."""


class Model(PlanarModel):
    r"""E(u, s) = ½ u^T (C + s²)^{-1} u + e(v, s)/√(1 + s²), n = -∂e/∂v: curl-free by construction.

    e is a sum of products of odd features, so it is even, and ½ v^T A(s) v. At the finest noise E has an even polynomial
    more, with which exp(-E) has the moments of the samples (`_planar_tilt`); the score, and so the flow, goes without. With
    the solver `metropolis` a few Metropolis-adjusted Langevin steps on this E follow the flow.

    Arguments:
        tilt: coefficients of that polynomial, once they were measured.
    """

    outputs = 2 * FEATURES
    measured = (*PlanarModel.measured, "tilt")

    def __init__(
        self,
        settings: dict[str, Any],
        deviation: Tensor,
        correlation: Tensor,
        *,
        tilt: Tensor | None = None,
        **fitted: Any,
    ) -> None:
        super().__init__(settings, deviation, correlation, **fitted)
        none = torch.zeros(even_monomials(torch.zeros(1, 2)).shape[1], dtype=torch.float64)
        self.register_buffer("tilt", none if tilt is None else tilt, persistent=False)
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

    def calibrate(self, examples: Examples, generator: torch.Generator) -> None:
        """Measure A and the tilt on the training points (N, 2)."""
        super().calibrate(examples, generator)
        self.tilt.zero_()
        histogram = PlaneHistogram(examples.rows.double().cpu() / self.deviation.cpu())
        # All of the disc in which the tilt is no constant, where there are no samples too.
        length = max(histogram.reach, float(self.reach) * (1 + FINEST**2) ** 0.5)
        axis = length * (torch.arange(CELLS, dtype=torch.float64) - (CELLS - 1) / 2) * (2 / CELLS)
        # Both laws are even: half of the plane tells all.
        half = axis[axis > 0]
        density = histogram.posterior_means(half, axis, FINEST)[1].flatten().to(self.tilt.device)
        u = torch.cartesian_prod(half, axis).to(self.tilt.device)
        with torch.no_grad():
            energies = torch.cat([self._energy(part.float()) for part in u.split(CELLS**2 // 8)])
        self.tilt = tilt_of(self._functions(self._whitened(u)), energies, density)

    def energy(self, points: Tensor) -> Tensor:
        """E of points (N, 2) in the units of the data, up to a constant, (N,) float64.

        exp(-E) is the density smoothed by FINEST deviations, to about the square of that.
        """
        return self._energy(points / self.deviation.to(points.dtype))

    def _energy(self, u: Tensor) -> Tensor:
        s, v = torch.full((len(u),), FINEST, dtype=torch.float64, device=u.device), self._whitened(u)
        learned = self.scalar(v, s).double() / (1 + FINEST**2) ** 0.5
        return 0.5 * v.double().square().sum(1) + learned + self._functions(v) @ self.tilt

    def _whitened(self, u: Tensor) -> Tensor:
        """V at the finest noise, (N, 2)."""
        root = self.whitening(torch.full((1,), FINEST, dtype=torch.float64, device=u.device))
        return u @ root[0].to(u.dtype)

    def _functions(self, v: Tensor) -> Tensor:
        """Functions of the tilt, constant on rays beyond the reach, (N, 24) float64."""
        return even_monomials(v * (self.reach / v.norm(dim=1, keepdim=True)).clamp_max(1))

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
