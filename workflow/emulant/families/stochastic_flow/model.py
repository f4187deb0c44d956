r"""A stochastic normalizing flow: learned maps between the levels of an annealing, Markov moves at each level.

The map of a level is one Runge-Kutta step along v, fitted by least squares to the continuity equation on the way from S_k to
S_{k+1}: div v - v . grad S_t = dS_t/dt - <dS_t/dt> (H. Wu, J. Köhler and F. Noé, arXiv:2002.06707; M. Caselle et al.,
arXiv:2201.08862). Nothing of it is learned by gradients, and Markov moves repair at each level what a map lacks.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from emulant.contracts.system import HasAction, HasGaussianStart, HasGradient
from emulant.families._continuity import Continuity, continuity
from emulant.families._from_gaussian import ByPaths, seed_from
from emulant.networks.ridges.integration import integrated_backward, integrated_forward
from emulant.networks.ridges.velocity import Kernels, Velocity
from emulant.scalar.moves import kernel_of
from emulant.transport.annealing import Annealing, levels_of
from emulant.transport.gaussian_start import GaussianStart, half_modes

__all__ = ["Model"]


class Levels(nn.Module):
    """The weights of the velocity at each level.

    Arguments:
        velocity: what they multiply.
        lengths: of the levels in t, by which the velocities are multiplied.
    """

    def __init__(self, velocity: Velocity, lengths: list[float]) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.zeros(len(lengths), *velocity.overlaps.shape))
        # In a tuple, so that it is no part of this module.
        self.velocity, self.lengths = (velocity,), lengths

    def forward(self, level: int) -> Kernels:
        """Evaluate the kernels of a level, for a step of length 1."""
        return self.velocity[0].kernels(self.lengths[level] * self.theta[level][..., None], 0.5)


class Maps:
    """The maps between levels.

    Arguments:
        velocity: of the lattice.
        levels: its weights.
        portions: divides fields into those that are mapped together.
    """

    def __init__(
        self, velocity: Velocity, levels: Levels, portions: Callable[[Tensor], Sequence[Tensor]]
    ) -> None:
        self.velocity, self.levels, self.portions = velocity, levels, portions

    def forward(self, level: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Map fields; returns them and ln |det|."""
        moved, change = self._mapped(integrated_forward, level, fields)
        return moved, -change

    def backward(self, level: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Map fields back; returns them and ln |det| of the map from there."""
        moved, change = self._mapped(integrated_backward, level, fields)
        return moved, -change

    def _mapped(self, integrated: Callable, level: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """One Runge-Kutta step of all fields, some at a time."""
        parts = [
            integrated(self.velocity, lambda t: self.levels(level), part, 1) for part in self.portions(fields)
        ]
        moved, change = (torch.cat(column) for column in zip(*parts, strict=True))
        return moved, change


class Model(ByPaths):
    """Samples at the end of annealed paths, with their work.

    Arguments:
        settings: the model block.
        start: the Gaussian that paths begin with.
        system: whose action and Markov moves the paths use.
    """

    network: Levels
    contracts = (HasAction, HasGradient, HasGaussianStart)

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: Any = None) -> None:
        super().__init__(settings, start, system)
        self.times = levels_of(settings["levels"], settings["power"])
        power = half_modes(start.power)
        self.velocity = Velocity(power, start.shape, settings["hats"], settings["shells"])
        lengths = [later - t for t, later in zip(self.times[:-1], self.times[1:], strict=True)]
        self.network = Levels(self.velocity, lengths)

    @property
    def evaluations(self) -> int:
        """Velocities for each sample: four stages a level."""
        return 4 * self.settings["levels"]

    @property
    def operations(self) -> float:
        """Floating-point operations for each sample."""
        moves = self.settings["levels"] * kernel_of(self.system, self.start).operations
        return self.evaluations * self.velocity.operations + moves

    @property
    def training_operations(self) -> float:
        """Floating-point operations of the training: paths of the walkers, and one more velocity in each fit."""
        fits = self.settings["levels"] * 2 * self.velocity.operations
        return self.settings["fit"]["walkers"] * (self.operations + fits)

    @property
    def maps(self) -> Maps:
        """The maps between the levels."""
        return Maps(self.velocity, self.network, self.portions)

    @property
    def paths(self) -> Annealing:
        """The paths."""
        moves, _ = kernel_of(self.system, self.start)
        return Annealing(self.start, self.system.action, moves, self.times, self.maps)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean of log q + S of the maps without the moves between them, -ln Z above a divergence."""
        fields = self.start.sample(len(batch), generator)
        log_q, maps = self.start.log_density(fields), self.maps
        for level in range(self.settings["levels"]):
            fields, log_det = maps.forward(level, fields)
            log_q = log_q - log_det
        return (log_q + self.system.action(fields)).mean()

    @property
    def rounds(self) -> int:
        """Fits: one a level."""
        return self.settings["levels"]

    @torch.no_grad()
    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Fit the map of a level on walkers and move these to the next.

        The loss is the variance of what the continuity equation leaves, over that of dS_t/dt.
        """
        count = self.settings["fit"]["walkers"]
        walkers = carried.get("walkers", self.start.sample(count, generator))
        equation = self._continuity(walkers, number)
        theta = equation.solution(self.settings["fit"]["ridge"]).reshape(self.velocity.overlaps.shape)
        self.network.theta[number] = theta.to(self.network.theta.dtype)
        moved, _ = self.maps.forward(number, walkers)
        carried["walkers"] = self.paths.moved(moved, self.times[number + 1], seed_from(generator))
        return {"examples": count, "loss": equation.residual(self.network.theta[number])}

    def _continuity(self, walkers: Tensor, level: int) -> Continuity:
        """The continuity equation in the middle of a level."""
        t = (self.times[level] + self.times[level + 1]) / 2
        return continuity(self.velocity, self.start, self.system, self.portions(walkers), t)
