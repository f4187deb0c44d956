"""Langevin paths from the Gaussian of the gap equation to exp(-S), with learned drifts ahead and back.

The reference drift is the force of S_t = (1 - t) S_0 + t S. Corrections ahead and back are linear in their weights: level by
level they begin as least squares, then whole paths polish them (`levels`, `polish`). The density of a sample is not known,
but the work of its path is, and exp(-W) is its weight.
"""

from typing import Any

import torch
from torch import Tensor

from emulant.contracts.system import HasAction, HasGaussianStart, HasGradient
from emulant.families._continuity import continuity
from emulant.families._from_gaussian import ByPaths
from emulant.families.path_sampler.changes import shift_level
from emulant.families.path_sampler.drifts import Corrections, GuidedDrifts
from emulant.families.path_sampler.levels import fit_level
from emulant.families.path_sampler.polish import POLISH
from emulant.networks.ridges.velocity import Velocity
from emulant.statistics.entropy_production import reversibility
from emulant.transport.annealing import levels_of
from emulant.transport.gaussian_start import GaussianStart, half_modes
from emulant.transport.langevin_paths import LangevinPaths

__all__ = ["Model"]


class Model(ByPaths):
    """Samples at the end of Langevin paths, with their work.

    Arguments:
        settings: the model block.
        start: the Gaussian that paths begin with.
        system: whose action and its gradient the paths use.
    """

    network: Corrections
    contracts = (HasAction, HasGradient, HasGaussianStart)

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: Any = None) -> None:
        super().__init__(settings, start, system)
        self.times = levels_of(settings["levels"], settings["power"])
        power = half_modes(start.power)
        self.velocity = Velocity(power, start.shape, settings["hats"], settings["shells"])
        # Beyond this noise the stiffest mode gets more than its variance in one step.
        largest = float(start.inverse_power.max()) ** -0.5
        self.network = Corrections(
            self.velocity, settings["levels"], largest, settings["noise"], len(settings["fit"]["polish"])
        )

    @property
    def evaluations(self) -> int:
        """Calls of the corrections for each sample: one a node, ahead and back together."""
        return self.settings["levels"] + 1

    @property
    def operations(self) -> float:
        """Floating-point operations for each sample, those of the force not counted: they are few beside the channels'."""
        return self.evaluations * self.velocity.operations

    @property
    def training_operations(self) -> float:
        """Floating-point operations of the training: a fit evaluates each node three times as often as a path, Adam four."""
        fit, levels = self.settings["fit"], self.settings["levels"]
        of_levels = 4 * fit["walkers"] * fit["newton"] * levels * self.velocity.operations
        descents = sum(loss != "gauss_newton" for loss in fit["polish"]) * fit["steps"] * fit["batch"]
        fits = len(fit["polish"]) * 4 * max(fit["paths"], fit["replay"])
        return of_levels + (4 * descents + fits) * self.operations

    @property
    def paths(self) -> LangevinPaths:
        """The paths."""
        drifts = GuidedDrifts(self.start, self.system.gradient, self.times, self.network)
        return LangevinPaths(self.start, self.system.action, drifts, self.times)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean work of fresh paths, -ln Z above KL(P_F || Q_B)."""
        start = self.start.sample(len(batch), generator)
        work = sum(step.work for step in self.paths.ahead(start, generator))
        return work.mean() - self.start.log_normalisation

    @property
    def rounds(self) -> int:
        """One a level, then one for each entry of `polish`."""
        return self.settings["levels"] + len(self.settings["fit"]["polish"])

    @torch.no_grad()
    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Fit one level, then train on whole paths.

        The loss is the variance of the work: of the level after its fit, later of fresh paths before the round.
        """
        levels = self.settings["levels"]
        if number < levels:
            return self._fit_level(number, generator, carried)
        return self._polish(number - levels, generator, carried)

    def _fit_level(
        self, level: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Fit the step of a level on walkers and move these to the next."""
        fit, network = self.settings["fit"], self.network
        walkers = carried.pop("walkers", None)
        walkers = self.start.sample(fit["walkers"], generator) if walkers is None else walkers
        middle = (self.times[level] + self.times[level + 1]) / 2
        equation = continuity(self.velocity, self.start, self.system, self.portions(walkers), middle)
        moved = (self.times[level + 1] - self.times[level]) * equation.solution(fit["ridge"])
        shift_level(network, level, torch.cat([moved, torch.zeros_like(moved)]))
        walkers, variance = fit_level(self.paths, level, walkers, fit, generator)
        if level + 1 < self.settings["levels"]:
            carried["walkers"] = walkers
        return {"examples": fit["walkers"], "loss": variance}

    def _polish(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Walk fresh paths, add them to the earlier ones, and train by the loss of a round."""
        fit = self.settings["fit"]
        start = self.start.sample(fit["paths"], generator)
        states, work = self._walked(start, generator)
        self.network.history[number] = torch.tensor(reversibility(work.cpu().numpy()))
        if "replay" in carried:
            states = torch.cat([states, carried["replay"]], 1)
        carried["replay"] = states[:, : fit["replay"]].contiguous()
        POLISH[fit["polish"][number]](self.paths, states, fit, generator)
        return {"examples": fit["paths"], "loss": float(work.var())}

    def _walked(self, start: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Walk paths; returns the fields at all nodes, (nodes, N, *shape), and W + ln Z_0, (N,)."""
        steps = [*self.paths.ahead(start, generator)]
        return torch.stack([start, *(step.fields for step in steps)]), sum(step.work for step in steps)
