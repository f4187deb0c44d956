"""What the two families for points of a plane share: training on the samples' own exact score, and the flow."""

from abc import abstractmethod
from pathlib import Path as FilePath
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from emulant.contracts.family import Examples, Samples, Watch
from emulant.contracts.system import System
from emulant.families._family import tensors_of
from emulant.families._planar_score import PlanarScore
from emulant.families._planar_table import START, PlanarTable, levels
from emulant.families._sampling import EVALUATIONS, follow_flow
from emulant.transport.empirical_plane import PlaneHistogram
from emulant.transport.solvers import flow_times

__all__ = ["PlanarModel"]

SOFTENING = 0.2
"""Noise, in units of the deviations, below which the solver's steps are linear in it: less than the width of
the peaks that it has to resolve, as `flow_times` asks for."""

ORDER = 6
"""Of the solver's error in the step, as in one dimension."""


class PlanarModel(PlanarScore):
    """Training and generation of a model of points in the plane.

    Training regresses n on that of the training samples' own score (`PlaneHistogram`), tabulated over noise levels and
    points: there is no noise in the target. A is measured on that table after training (`calibrate`).

    Arguments:
        settings: the model block of the config: path, network, generation.
        deviation: standard deviations of x and y, (2,).
        correlation: C, (2, 2).
        histogram: of training points, of which the table is made; None where training is over.
        fitted: linear and reach, as of `PlanarScore`.

    Attributes:
        measured: names of the tensors that a file holds beside the weights.
    """

    measured: ClassVar[tuple[str, ...]] = ("deviation", "correlation", "linear", "reach")

    def __init__(
        self,
        settings: dict[str, Any],
        deviation: Tensor,
        correlation: Tensor,
        *,
        histogram: PlaneHistogram | None = None,
        **fitted: Tensor,
    ) -> None:
        super().__init__(settings, deviation, correlation, **fitted)
        self.table = PlanarTable.empty()
        if histogram is not None:
            self.table = PlanarTable.of(histogram, self.whitening)
            self.reach = self.table.reach

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor, system: System | None = None) -> Self:
        """Fit to training points (N, 2), which are taken as symmetric; the network starts at zero output."""
        second = data.double().T @ data.double() / len(data)
        deviation = second.diagonal().sqrt()
        histogram = PlaneHistogram(data.double() / deviation)
        return cls(settings, deviation, second / torch.outer(deviation, deviation), histogram=histogram)

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> Self:
        """The trained model of model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            model = cls(record["settings"], **{name: tensors.pop(name) for name in cls.measured})
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """What was measured and not trained."""
        return {name: getattr(self, name) for name in self.measured}

    def examples(self, data: Tensor, seed: int) -> Examples:
        """Training points, of which the loss takes the number alone: its target is computed from all of them."""
        return Examples(data, held_out=False)

    def place(self, device: torch.device | str) -> Self:
        """Move network and tables to `device`."""
        self.table = self.table.to(device)
        return super().place(device)

    @abstractmethod
    def fitted(self, second: Tensor, product: Tensor) -> Tensor:
        """A (2, 2) from <v v^T> and <error v^T>, by least squares among the A that the family can subtract."""

    @torch.no_grad()
    def calibrate(self, examples: Examples, generator: torch.Generator) -> None:
        """Measure A over the nodes of every level, weighted with the density there."""
        self.linear.zero_()
        fits = []
        for s in levels().to(self.linear.device):
            nodes = self.table.at_level(s)
            error = (self.correction(nodes.v, nodes.noise) - nodes.target).double()
            v, weighted = nodes.v.double(), nodes.density[:, None] * nodes.v.double()
            fits.append(self.fitted(weighted.T @ v, error.T @ weighted))
        self.linear = torch.stack(fits)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """Mean square of n minus its target, over len(batch) nodes of the table drawn systematically by their weight."""
        nodes = self.table.drawn(len(batch), generator)
        return (self.correction(nodes.v, nodes.noise, train=True) - nodes.target).square().mean()

    @property
    def evaluations(self) -> int:
        """Calls of the network for each point."""
        return EVALUATIONS["probability_flow"] * self.settings["generation"]["steps"]

    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Any = None,
        watch: Watch | None = None,
    ) -> Samples:
        """Generate (count, 2); `watch` sees (x_0 + s z, s) in units of `field_unit`, and there are no conditions."""
        latents = torch.randn(count, 2, generator=generator, device=self.deviation.device)
        return Samples(self.generate(latents, generator, watch))

    @torch.no_grad()
    def generate(self, latents: Tensor, generator: torch.Generator, watch: Watch | None = None) -> Tensor:
        """Points of standard normal latents (N, 2); a map where nothing follows the flow."""
        times = flow_times(self.path, START, self.settings["generation"]["steps"], softening=SOFTENING)
        signal, noise = float(self.path.signal(times[0])), float(self.path.noise(times[0]))
        # With the correlations of the data: noise of 10 deviations does not hide a hundredth.
        u = latents @ self._function((self.powers * signal**2 + noise**2).sqrt()[None])[0].to(latents.dtype)
        unit = self.field_unit()
        u = follow_flow(self.score, self.path, u, times, unit=unit, order=ORDER, watch=watch)
        return self.refined(u, generator) * self.deviation.to(u.dtype)

    def refined(self, u: Tensor, generator: torch.Generator) -> Tensor:
        """What follows the flow: nothing."""
        return u
