"""What the two families for points of a plane share: scales, the samples' own exact score, and the flow."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any, Self

import torch
from safetensors.torch import load_file
from torch import Tensor

from emulant.models._family import ModelFamily
from emulant.networks.pointwise import OddPerceptron
from emulant.systems import System
from emulant.transport.empirical_plane import PlaneHistogram
from emulant.transport.measures import ModeMeasure
from emulant.transport.paths import path_from
from emulant.transport.solvers import flow_times, probability_flow

__all__ = ["FINEST", "LEVELS", "PlanarModel", "levels"]

LEVELS, POINTS, REACH = 48, 121, 5.0
FINEST, START, SOFTENING = 0.03, 10.0, 0.2
SHARP = 0.15
TRUSTED = 1e-5
BEYOND = 0.2
ORDER = 6


class PlanarModel(ModelFamily, ABC):
    r"""The score of u₀ + s z, u = (x, y) in units of their own standard deviations, on any of the paths.

    .. math:: \nabla \log p = -(C + s^2)^{-1} u + (1 + s^2)^{-1/2} (C + s^2)^{-1/2} n(v, s),
              \qquad v = (C + s^2)^{-1/2} u

    with C the correlation matrix and n learned. Training regresses n on that of the training samples' own score
    (`PlaneHistogram`), tabulated over noise levels and points: there is no noise in the target.

    n is what a family makes of its network, less A(s) v: A is what the network's error has of a linear function at each
    noise level, measured on that table after training (`calibrate`). The change of second moments along the flow is
    then right, whatever the network misses.

    Farther out than any node of the table, in whatever direction that one lies, the network is shown v drawn in to that
    reach (`inside`): there the score goes on as a Gaussian's, and exp(-E) falls.

    Arguments:
        settings: the model block of the config: path, network, generation.
        deviation: standard deviations of x and y, (2,).
        correlation: C, (2, 2).
    """

    site_shape, on_lattice, holds_out = (2,), False, False
    noises_per_field = 1
    outputs = 2

    def __init__(self, settings: dict[str, Any], deviation: Tensor, correlation: Tensor) -> None:
        super().__init__()
        self.settings, self.path = settings, path_from(settings["path"])
        self.deviation, self.correlation = deviation.double(), correlation.double()
        self.powers, self.axes = torch.linalg.eigh(self.correlation)
        self.measure = ModeMeasure(torch.ones(2, dtype=torch.float64), self.site_shape)
        sizes = {key: settings["network"][key] for key in ("channels", "blocks", "embedding")}
        self.network = OddPerceptron(2, **sizes, outputs=self.outputs)
        self.linear = torch.zeros(LEVELS, 2, 2, dtype=torch.float64)
        self.reach = torch.tensor(math.inf, dtype=torch.float64)
        self.table: dict[str, Tensor] = {}

    @classmethod
    def build(cls, settings: dict[str, Any], fields: Tensor, system: System | None = None) -> Self:
        """Fit to training points (N, 2), which are taken as symmetric; the network starts at zero output."""
        second = fields.double().T @ fields.double() / len(fields)
        deviation = second.diagonal().sqrt()
        model = cls(settings, deviation, second / torch.outer(deviation, deviation))
        model.table = model._tabulated(PlaneHistogram(fields.double() / deviation))
        model.reach = model.table["v"].double().norm(dim=1).max()
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> Self:
        """From model.json's record and the safetensors file."""
        tensors = load_file(weights)
        model = cls(record["settings"], tensors.pop("deviation"), tensors.pop("correlation"))
        model.linear, model.reach = tensors.pop("linear"), tensors.pop("reach")
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Standard deviations, correlations, A, and how far the table reaches."""
        return {name: getattr(self, name) for name in ("deviation", "correlation", "linear", "reach")}

    def place(self, device: torch.device | str) -> Self:
        """Move network and tables to `device`."""
        self.measure = self.measure.to(device)
        self.table = {name: tensor.to(device) for name, tensor in self.table.items()}
        for name in ("deviation", "correlation", "powers", "axes", "linear", "reach"):
            setattr(self, name, getattr(self, name).to(device))
        return super().place(device)

    def field_unit(self) -> float:
        """The unit in which cumulants along the path are given: the root mean square of both components."""
        return float(self.deviation.square().mean().sqrt())

    def inside(self, v: Tensor) -> Tensor:
        """Return v (N, 2) itself within the table's reach R, farther out (smoothly) at most 1.2 R along its direction."""
        length, reach = v.norm(dim=1, keepdim=True), self.reach.to(v.dtype)
        excess = (length - reach).clamp_min(0)
        if not bool(excess.any()):
            return v
        width = BEYOND * reach
        return v * (reach + width * torch.tanh(excess / width)) / length.clamp_min(reach)

    @abstractmethod
    def correction(self, v: Tensor, noise: Tensor, *, train: bool = False) -> Tensor:
        """n(v, s), (N, 2); `train` keeps the graph."""

    @abstractmethod
    def fitted(self, second: Tensor, product: Tensor) -> Tensor:
        """A (2, 2) from <v v^T> and <error v^T>, by least squares among the A that the family can subtract."""

    @torch.no_grad()
    def calibrate(self, fields: Tensor, generator: torch.Generator) -> None:
        """Measure A over the nodes of every level, weighted with the density there."""
        self.linear.zero_()
        found = []
        for s in levels().to(self.linear.device):
            own = self.table["noise"] == s
            v, target, noise = (self.table[name][own] for name in ("v", "target", "noise"))
            error = (self.correction(v, noise) - target).double()
            weighted = self.table["density"][own, None] * v.double()
            found.append(self.fitted(weighted.T @ v.double(), error.T @ weighted))
        self.linear = torch.stack(found)

    def linear_at(self, noise: Tensor) -> Tensor:
        """A at noise (N,), linear in its logarithm between levels, (N, 2, 2)."""
        known = levels().log().to(noise.device)
        place = ((noise.double().log() - known[0]) / (known[1] - known[0])).clamp(0, LEVELS - 1 - 1e-9)
        index = place.long()
        left, right = self.linear[index], self.linear[index + 1]
        return left + (right - left) * (place - index)[:, None, None]

    def loss(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        """Mean square of n minus its target, over len(x0) nodes of the table drawn systematically by their weight."""
        offset = torch.rand((), generator=generator, device=x0.device, dtype=torch.float64)
        place = (torch.arange(len(x0), device=x0.device) + offset) / len(x0)
        chosen = torch.searchsorted(self.table["cumulative"], place).clamp_max(len(self.table["noise"]) - 1)
        v, noise, target = (self.table[name][chosen] for name in ("v", "noise", "target"))
        return (self.correction(v, noise, train=True) - target).square().mean()

    def position(self, noise: Tensor) -> Tensor:
        """What the network is told of the noise."""
        place = (noise.double() / FINEST).log() / math.log(START / FINEST)
        return (12 * place.clamp(0, 1) - 6).float()

    def whitening(self, noise: Tensor) -> Tensor:
        """(C + s²)^{-1/2}, (N, 2, 2)."""
        return self._function((self.powers + noise.double()[:, None] ** 2).rsqrt())

    def score_of(self, u: Tensor, noise: Tensor, *, train: bool = False) -> Tensor:
        """Gradient of log p at u (N, 2), noise (N,), in units of the deviations; `train` keeps the graph."""
        root = self.whitening(noise).to(u.dtype)
        v = torch.einsum("nij,nj->ni", root, u)
        learned = self.correction(v, noise, train=train) / (1 + noise[:, None].to(u.dtype) ** 2).sqrt()
        return torch.einsum("nij,nj->ni", root, learned - v)

    def score(self, u: Tensor, t: float) -> Tensor:
        """Gradient of log p_t at u (N, 2) on the path, in units of the deviations."""
        signal = float(self.path.signal(t))
        noise = torch.full((len(u),), float(self.path.ratio(t)), dtype=torch.float64, device=u.device)
        return self.score_of(u / signal, noise) / signal

    @torch.no_grad()
    def sample(
        self, count: int, generator: torch.Generator, *, watch: Callable[[Tensor, float], None] | None = None
    ) -> Tensor:
        """Generate (count, 2); `watch` sees (x_0 + s z, s) on the way, both in units of `field_unit`."""
        u = torch.randn(count, 2, generator=generator, device=self.deviation.device)
        times = flow_times(self.path, START, self.settings["generation"]["steps"], softening=SOFTENING)
        signal, noise = float(self.path.signal(times[0])), float(self.path.noise(times[0]))
        # With the correlations of the data: noise of 10 deviations does not hide a hundredth.
        u = u @ self._function((self.powers * signal**2 + noise**2).sqrt()[None])[0].to(u.dtype)
        unit = self.field_unit()
        seen = (lambda x, s: watch(unit * x, unit * s)) if watch else None
        u = probability_flow(self.score, self.path, u, times, order=ORDER, watch=seen)
        return self.refined(u, generator) * self.deviation.to(u.dtype)

    def refined(self, u: Tensor, generator: torch.Generator) -> Tensor:
        """What follows the flow: nothing."""
        return u

    def _function(self, values: Tensor) -> Tensor:
        """The matrix function of C with these eigenvalues, (N, 2) -> (N, 2, 2)."""
        return torch.einsum("ik,nk,jk->nij", self.axes, values, self.axes)

    def _tabulated(self, histogram: PlaneHistogram) -> dict[str, Tensor]:
        """Nodes v, noise, the target n and the density there, and the cumulative weight.

        The weight is the root of the density, less at noise so small that the samples' own score is rough.
        """
        rows = []
        for s in levels().tolist():
            spread = math.sqrt(1 + s**2)
            axis = spread * torch.linspace(-REACH, REACH, POINTS, dtype=torch.float64)
            mean, density = histogram.posterior_means(axis, axis, s)
            u = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), dim=-1).reshape(-1, 2)
            density = density.flatten() * spread**2
            kept = (density > TRUSTED) & (u[:, 0] >= 0)
            u, mean = u[kept], mean.reshape(-1, 2)[kept]
            noise = torch.full((len(u),), s, dtype=torch.float64)
            root = self.whitening(noise)
            score = (mean - u) / s**2
            v = torch.einsum("nij,nj->ni", root, u)
            target = spread * (torch.linalg.solve(root, score[..., None])[..., 0] + v)
            weight = density[kept].sqrt() * s**2 / (s**2 + SHARP**2)
            rows.append((v, noise, target, weight, density[kept]))
        v, noise, target, weight, density = (torch.cat(column) for column in zip(*rows, strict=True))
        return {
            "v": v.float(),
            "noise": noise,
            "target": target.float(),
            "density": density,
            "cumulative": (weight / weight.sum()).cumsum(0),
        }


def levels() -> Tensor:
    """Noise levels of the table, (LEVELS,)."""
    return torch.logspace(math.log10(FINEST), math.log10(START), LEVELS, dtype=torch.float64)
