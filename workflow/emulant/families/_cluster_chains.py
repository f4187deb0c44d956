"""Chains in which proposals of a model take turns with sweeps of its system: exact after many rounds.

Proposals move between what sweeps do not connect, sweeps repair what the model lacks; each keeps exp(-S) by itself, so that
both in turn do (after D. Wu, R. Rossi, G. Carleo, arXiv:2105.05650).
"""

import copy
from collections.abc import Mapping
from typing import Any, Protocol, Self

import torch
from torch import Tensor

from emulant.contracts.family import Samples
from emulant.contracts.system import HasAction, HasSweeps, System
from emulant.errors import InputError
from emulant.families._family import ModelFamily
from emulant.families._from_gaussian import seed_from
from emulant.families._temperatures import Temperatures

__all__ = ["ClusterChains", "chained"]

ROUNDS = 3
"""Of proposal and sweep where the settings do not say."""


class Sweeping(HasAction, HasSweeps, Protocol):
    """A system with an action and moves that keep exp(-S)."""


class Proposing(Protocol):
    """A model with log q, of a system."""

    system: Sweeping

    def sample(self, count: int, generator: torch.Generator) -> Samples:
        """Draw samples with their log q."""

    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q, (N,) float64."""


def chained(model: Proposing, count: int, rounds: int, generator: torch.Generator) -> Tensor:
    """Run `count` chains from samples of the model, and return where each ends, (count, *site_shape).

    A round is a proposal, which is accepted with min(1, w'/w), w = e^(-S)/q, and one sweep.
    """
    system, start = model.system, model.sample(count, generator)
    fields, log_weight = start.values, -system.action(start.values) - start.log_q
    for _ in range(rounds):
        proposal = model.sample(count, generator)
        proposed = -system.action(proposal.values) - proposal.log_q
        coin = torch.rand(count, generator=generator, device=generator.device, dtype=torch.float64)
        accepted = coin.log().to(proposed) < proposed - log_weight
        fields = torch.where(accepted[:, None, None], proposal.values, fields)
        moved = system.swept(fields.cpu().numpy(), 1, seed_from(generator))
        fields = torch.from_numpy(moved).to(fields)
        log_weight = -system.action(fields) - model.log_density(fields)
    return fields


class ClusterChains(ModelFamily):
    """A model of one temperature of several, with the variant `cluster_chains`.

    Attributes:
        system: at the temperature.
        temperatures: of the training.
    """

    system: Any
    temperatures: Temperatures

    def at(self, system: System) -> Self:
        """The same model at another temperature.

        Raises:
            InputError: outside of those of the training.
        """
        other = copy.copy(self)
        other.system = system
        other.temperatures.hats(system.beta)
        return other

    def with_system(self, system: System) -> Self:
        """The same model with the system, whose moves the variant takes."""
        return self.at(system)

    def sample_variant(
        self,
        variant: str,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
    ) -> Samples:
        """Draw ends of chains of `generation.rounds` rounds; raises InputError for a system without moves."""
        if not isinstance(self.system, HasSweeps):
            expected = "a system with moves (HasSweeps of contracts/system.py)"
            raise InputError(self.settings["name"], variant, expected, self.system)
        rounds = self.settings["generation"].get("rounds", ROUNDS)
        return Samples(chained(self, count, rounds, generator))
