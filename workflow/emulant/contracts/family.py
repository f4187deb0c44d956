"""The contract of a family: a kind of model, trained by one loop, sampled and corrected by shared code.

`families/<name>/` or `families/<name>.py` holds a class `Model` (of a package: in `model.py`), beside it the declaration
`schema.yaml` or `<name>.yaml` (`contracts.declaration`): what it needs, which forms it learns, the conditions it takes, the
keys of its block. A package may have `checks.py` with `check(settings)`, which is shown the blocks `system`, `reference` and
`studies` before any job, for what schemas cannot say. What only some families offer is a protocol of its own below; shared
code asks with isinstance.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import torch
from torch import Tensor, nn

from emulant.contracts.system import System

__all__ = [
    "Carried",
    "Conditioned",
    "Examples",
    "Family",
    "HasCost",
    "HasEnergy",
    "HasForwardPath",
    "HasLatents",
    "HasLogDensity",
    "HasLogLikelihood",
    "HasLoss",
    "HasModeMeasure",
    "HasOtherSystems",
    "HasRounds",
    "HasScore",
    "HasVariants",
    "Samples",
    "SamplesWithSystem",
]

Watch = Callable[[Tensor, float], None]


@dataclass(frozen=True)
class Samples:
    """What a model generated.

    Attributes:
        values: samples in their form: a tensor (N, *site_shape), events, outputs of pairs (N, ...).
        facts: name -> (N, ...), columns that the file keeps beside the samples, such as a condition or a work.
        log_q: log density of each sample under the model, (N,) float64, or None where the model does not know it.
        work: W = ln P_F/Q_B of the path that each sample came by, (N,) float64, with exp(-S) at the end of Q_B, so that
            <exp(-W)> = Z and exp(-W) is the sample's weight; None where the model samples without such paths.
    """

    values: Any
    facts: Mapping[str, Tensor] = field(default_factory=dict)
    log_q: Tensor | None = None
    work: Tensor | None = None


@dataclass(frozen=True)
class Conditioned:
    """Training samples that were drawn under several conditions.

    Attributes:
        values: (N, *site_shape).
        conditions: name -> value of each, (N,).
    """

    values: Tensor
    conditions: Mapping[str, Tensor]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Examples:
    """What the loop draws batches from.

    Attributes:
        rows: a tensor, a tuple of tensors of equal length, or None where a loss needs no data: its batches are empty
            tensors (count, 0).
        copies: noisy copies of a row that the loss makes; a batch has that many times fewer rows.
        held_out: whether a loss on rows that no step draws is a validation; False where the target of the regression is
            computed from all samples.
    """

    rows: Tensor | tuple[Tensor, ...] | None
    copies: int = 1
    held_out: bool = True


class Family(Protocol):
    """A model of a family.

    Attributes:
        settings: the model block of the configuration.
        network: what is trained.
        site_shape: of one sample; () where samples are no arrays.
        evaluations: calls of the network for each generated sample.
    """

    settings: dict[str, Any]
    network: nn.Module
    site_shape: tuple[int, ...]

    @property
    def evaluations(self) -> int:
        """Calls of the network for each generated sample."""

    @classmethod
    def build(cls, settings: dict[str, Any], data: Any, system: System) -> Self:
        """A fresh model fitted to the scale of `data`.

        Arguments:
            settings: the model block.
            data: what the declaration's `needs` says: training samples in their form (`samples`; of fields drawn under
                several conditions a `Conditioned`), training pairs with their `inputs`, `outputs` and `conditions`
                (`pairs`), or None (`action`).
            system: whose action, symmetries or parameters the family may use.
        """

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """The trained model of model.json's record and the safetensors file."""

    def examples(self, data: Any, seed: int) -> Examples:
        """What the loop draws batches from, in an order that `seed` decides."""

    def finished(
        self, weights: dict[str, Tensor], examples: Examples, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Everything that `load` needs, with the trained weights of the network."""

    def place(self, device: torch.device | str) -> Self:
        """Move everything to `device`."""

    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Watch | None = None,
    ) -> Samples:
        """Generate `count` samples.

        Arguments:
            count: of samples.
            generator: of all random numbers, on the model's device.
            condition: name -> value that all samples share, or (count, ...) one for each; of pairs `inputs` (count, ...).
            watch: sees (x_0 + s z, s) on the way from the noise, where the family has such a path.
        """


@runtime_checkable
class HasScore(Protocol):
    """A model of grad log p_t on its path."""

    def score(self, x: Tensor, t: float) -> Tensor:
        """Gradient of log p_t at x, the shape of x."""


@runtime_checkable
class HasEnergy(Protocol):
    """A model of an energy: exp(-E) is its density up to a constant."""

    def energy(self, points: Tensor) -> Tensor:
        """E of each sample, (N,) float64."""


@runtime_checkable
class Carried(Protocol):
    """A model of an action whose weights serve its system at other parameters too.

    Attributes:
        trained_values: parameter -> values at which it was trained; nothing where these are the system's own.
    """

    trained_values: Mapping[str, Sequence[float]]

    def at(self, system: System) -> Self:
        """The same model at other values of the conditions of its training."""

    def on(self, system: System) -> Self:
        """A model with a copy of these weights on a lattice of another shape."""


@runtime_checkable
class HasLatents(Protocol):
    """A model that moves each sample of a simple law to one of its own."""

    def latents(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw samples of the simple law, (count, *site_shape)."""

    def transported(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Map latents (N, *site_shape) to samples and their log q, (N,) float64."""


@runtime_checkable
class HasCost(Protocol):
    """A model that counts what it computes.

    Attributes:
        operations: floating-point operations for each sample, roughly.
        training_operations: of the whole training.
    """

    operations: float
    training_operations: float


@runtime_checkable
class HasForwardPath(Protocol):
    """A model on a probability path, whose generation can be watched."""

    path: Any

    def field_unit(self) -> float:
        """The unit in which the path measures fields."""


@runtime_checkable
class HasLogLikelihood(Protocol):
    """A model that integrates log q of given fields."""

    def log_likelihood(
        self, fields: Tensor, *, steps: int, probes: int | None, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Log q (N,) and its error; `probes` None takes the exact trace."""


@runtime_checkable
class HasLogDensity(Protocol):
    """A model that knows log q of any field, not of its own samples alone."""

    def log_density(self, fields: Tensor) -> Tensor:
        """Log q of fields (N, *site_shape), (N,) float64."""


@runtime_checkable
class HasLoss(Protocol):
    """A model that is trained by the loop over batches; others are fitted in rounds (`HasRounds`)."""

    def loss(self, batch: Any, generator: torch.Generator) -> Tensor:
        """The loss of a batch of examples, a scalar."""


@runtime_checkable
class HasRounds(Protocol):
    """A model that is fitted in rounds of its own instead of by the loop over batches.

    Attributes:
        rounds: how many.
    """

    rounds: int

    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Fit once more, from number 0 on; returns `examples`, how many it took, and the `loss` before it.

        What one round leaves to the next stands in `carried`, empty at first, which a checkpoint keeps.
        """


@runtime_checkable
class HasModeMeasure(Protocol):
    """A model with a measured power spectrum, which preconditions Metropolis-adjusted Langevin steps."""

    measure: Any


@runtime_checkable
class HasOtherSystems(Protocol):
    """A model that stands for its system at other values of the parameters too."""

    def at(self, system: System) -> Self:
        """The same model for another system."""


@runtime_checkable
class SamplesWithSystem(Protocol):
    """A model whose generation uses the system too, such as its Markov moves."""

    def with_system(self, system: System) -> Self:
        """Say which system; returns the model."""


@runtime_checkable
class HasVariants(Protocol):
    """A model that can also leave out a step of its generation, or add one, under the names that its declaration lists."""

    def sample_variant(
        self,
        variant: str,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
    ) -> Samples:
        """Generate as `sample` does with the same random numbers, without that step or with it."""
