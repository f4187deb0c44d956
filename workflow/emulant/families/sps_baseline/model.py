r"""The recipe of the public stochastic path sampler: convolutional drifts ahead and back, reverse KL through all steps.

(Chern2/Stochastic-Path-Sampler-For-Lattice-Field-Theory, 2026.) With s_k = sigma(t_k)/sqrt(N), t_k = k/N and a shared
sigma in (0, 1), a step is phi + s_k^2 F(phi, t_k)/2 + s_k xi, a step back phi' + s_k^2 B(phi', t_k)/2 + s_k xi; the prior is
N(0, 1) at each site. As published: two networks of four periodic convolutions with kernels of a quarter of the lattice, 32
channels, no bias, averaged over the reflections, clipped to [-1, 1], gates exp(tanh) of 128 random frequencies of the time;
training at 250 steps and sampling at 5000 with the same networks.

Not reproduced of that code: a printed standard deviation that is a variance, an independence Metropolis loop with random
numbers of no seed, naive errors of a correlated chain, a coupling written into the trainer, and all checkpoints kept. Its
batch normalisation without a training flag is what it amounts to, a gain of each channel. The loop of all families has Adam
(0.9, 0.99) without weight decay and one cosine; published: decay 0.01, 5000 steps at 1e-3, then a cosine to 5e-5 over 10000.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from emulant.contracts.system import HasAction, System
from emulant.families._from_gaussian import ByPaths
from emulant.networks.wide_convolution import HIDDEN, GatedStack, TimeFeatures, kernel_sizes
from emulant.transport.annealing import levels_of
from emulant.transport.gaussian_start import GaussianStart, white_start
from emulant.transport.langevin_paths import LangevinPaths

__all__ = ["Model"]


class PathNetworks(nn.Module):
    """Drifts ahead and back, and sigma of both.

    Arguments:
        shape: of the lattice.
        channels: of each network.
    """

    def __init__(self, shape: tuple[int, ...], channels: int) -> None:
        super().__init__()
        self.ahead, self.back = GatedStack(shape, channels), GatedStack(shape, channels)
        self.sigma = nn.Sequential(TimeFeatures(), nn.Linear(HIDDEN, 1))

    def forward(self, fields: Tensor, ahead: float, back: float) -> tuple[Tensor, Tensor]:
        """Evaluate both drifts at fields (N, *shape) and at the time of the step ahead and of the step back."""
        return self.ahead(fields, ahead), self.back(fields, back)

    def noise(self, t: float) -> Tensor:
        """Evaluate sigma at a time, a scalar in (0, 1)."""
        return self.sigma(t).sigmoid()[0]


class PublishedDrifts:
    """Kernels of `transport.langevin_paths` at N steps.

    Arguments:
        networks: of the model.
        steps: N.
    """

    def __init__(self, networks: PathNetworks, steps: int) -> None:
        self.networks, self.steps = networks, steps

    def displacements(self, node: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Displacements of the step ahead of a node, at the time of its end, and of the one back from it."""
        later = min(node + 1, self.steps) / self.steps
        ahead, back = self.networks(fields, later, node / self.steps)
        return (
            0.5 * self.noise(min(node, self.steps - 1)) ** 2 * ahead,
            0.5 * self.noise(max(node - 1, 0)) ** 2 * back,
        )

    def noise(self, level: int) -> Tensor:
        """Standard deviation of the noise of a step."""
        return self.networks.noise((level + 1) / self.steps) / self.steps**0.5


class Model(ByPaths):
    """Samples at the end of published paths, with their work.

    Arguments:
        settings: the model block.
        start: white noise.
        system: whose action weighs the paths.
    """

    network: PathNetworks
    contracts = (HasAction,)

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: Any = None) -> None:
        super().__init__(settings, start, system)
        self.network = PathNetworks(start.shape, settings["channels"])

    @classmethod
    def beginning(cls, settings: Mapping[str, Any], system: System) -> GaussianStart:
        """White noise, as published."""
        return white_start(system.site_shape)

    @property
    def evaluations(self) -> int:
        """Calls of the networks for each sample: one a node, ahead and back together."""
        return self.settings["generation"]["steps"] + 1

    @property
    def operations(self) -> float:
        """Floating-point operations for each sample: two for each number of the kernels, network and site."""
        channels, kernel = self.settings["channels"], np.prod(kernel_sizes(self.site_shape))
        weights = float(kernel) * 2 * channels * (1 + channels)
        return self.evaluations * 2 * 2 * weights * float(np.prod(self.site_shape))

    @property
    def training_operations(self) -> float:
        """Floating-point operations of the training; a gradient costs about two evaluations."""
        training, steps = self.settings["training"], self.settings["fit"]["steps"] + 1
        return 3 * training["steps"] * training["batch"] * self.operations * steps / self.evaluations

    @property
    def paths(self) -> LangevinPaths:
        """The paths of a generation."""
        return self.paths_of(self.settings["generation"]["steps"])

    def paths_of(self, steps: int) -> LangevinPaths:
        """The paths of the same networks at any number of steps."""
        drifts = PublishedDrifts(self.network, steps)
        return LangevinPaths(self.start, self.system.action, drifts, levels_of(steps))

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean work of fresh paths, -ln Z above KL(P_F || Q_B)."""
        start = self.start.sample(len(batch), generator)
        steps = self.paths_of(self.settings["fit"]["steps"]).ahead(start, generator)
        return sum(step.work for step in steps).mean() - self.start.log_normalisation
