r"""A ridge flow to S_t of a part t of the interaction, then annealing with Markov moves to the action itself.

Annealing loses weight with the square of the way it goes, :math:`\mathrm{Var}\,W \propto (1 - t)^2 / n` for n levels, and a
level costs a small part of what the flow does: the number of levels is a dial between cost and effective samples.
"""

from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Examples
from emulant.contracts.system import HasAction, HasGaussianStart, HasGradient, System
from emulant.families._from_gaussian import ByPaths
from emulant.families.ridge_flow.model import Model as RidgeFlow
from emulant.families.ridge_flow.model import Ridges
from emulant.scalar.moves import kernel_of
from emulant.transport.annealing import Annealing, levels_of, untransported
from emulant.transport.gaussian_start import GaussianStart

__all__ = ["Model"]


class PartialFlow(RidgeFlow):
    """A ridge flow whose last rounds are at a part of the interaction."""

    @property
    def end(self) -> float:
        """Part of the interaction at which the fit ends."""
        return self.settings["part"]


class FirstLevel:
    """The flow on the first level, nothing on the others.

    Arguments:
        flow: from the Gaussian to the first part of the interaction.
    """

    def __init__(self, flow: RidgeFlow) -> None:
        self.flow = flow

    def forward(self, level: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Map fields; returns them and ln |det|."""
        if level > 0:
            return untransported.forward(level, fields)
        moved, change = self.flow.mapped(fields)
        return moved, -change

    def backward(self, level: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Map fields back; returns them and ln |det| of the map from there."""
        if level > 0:
            return untransported.backward(level, fields)
        moved, change = self.flow.mapped_back(fields)
        return moved, -change


class Model(ByPaths):
    """Samples at the end of annealed paths that a flow begins, with their work.

    Arguments:
        settings: the model block.
        start: the Gaussian that paths begin with.
        system: whose action and Markov moves the paths use.
    """

    network: Ridges
    contracts = (HasAction, HasGradient, HasGaussianStart)

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: Any = None) -> None:
        super().__init__(settings, start, system)
        self.flow = PartialFlow(settings, start, system)
        self.network = self.flow.network
        part, rest = settings["part"], 1 - settings["part"]
        self.times = [0.0, *(part + rest * t for t in levels_of(settings["levels"]))]

    @property
    def evaluations(self) -> int:
        """Velocities for each sample."""
        return self.flow.evaluations

    @property
    def operations(self) -> float:
        """Floating-point operations for each sample."""
        moves = (self.settings["levels"] + 1) * kernel_of(self.system, self.start).operations
        return self.flow.operations + moves

    @property
    def training_operations(self) -> float:
        """Floating-point operations of the training, that of the flow."""
        return self.flow.training_operations

    @property
    def paths(self) -> Annealing:
        """The paths."""
        moves, _ = kernel_of(self.system, self.start)
        return Annealing(self.start, self.system.action, moves, self.times, FirstLevel(self.flow))

    def with_system(self, system: System) -> Self:
        """Say whose action and Markov moves the paths use."""
        self.flow.system = system
        return super().with_system(system)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The loss of the flow at the action itself, without the annealing."""
        return self.flow.loss(batch, generator)

    @property
    def rounds(self) -> int:
        """Fits of the flow."""
        return self.flow.rounds

    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Fit the flow once more (`ridge_flow`)."""
        return self.flow.fit_round(number, generator, carried)

    def calibrate(self, examples: Examples, generator: torch.Generator) -> None:
        """Look whether the fit of the flow came to its end (`ridge_flow`)."""
        self.flow.calibrate(examples, generator)
