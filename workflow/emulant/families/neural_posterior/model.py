"""A spline flow (zuko) of the prior's standard normal variables, conditioned on an encoded observation.

Without information the flow is the prior, and no draw lies outside of it (arXiv:1905.07488; splines arXiv:1906.04032).
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import torch
import zuko
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples, Watch
from emulant.contracts.system import System
from emulant.families._family import tensors_of
from emulant.families._posterior import (
    StandardisedPosterior,
    balance,
    normal_of,
    quantile_of,
    standardised,
    unit_of,
)
from emulant.families.neural_posterior.encoders import encoder_of, numbers_of, pixels_of
from emulant.storage.pairs import Pairs

__all__ = ["Model"]

HIDDEN = 2
"""Hidden layers of the networks of a spline transformation."""


class PosteriorFlow(nn.Module):
    """An encoder and a flow that is told what it sees."""

    def __init__(self, settings: Mapping[str, Any], shape: tuple[int, ...], parameters: int) -> None:
        super().__init__()
        flow = settings["flow"]
        self.encoder = encoder_of(settings["encoder"], shape)
        self.flow = zuko.flows.NSF(
            features=parameters,
            context=numbers_of(settings["encoder"]),
            transforms=flow["transforms"],
            bins=flow["bins"],
            hidden_features=[flow["width"]] * HIDDEN,
        )

    def forward(
        self, inputs: Tensor, generator: torch.Generator | None = None
    ) -> zuko.distributions.NormalizingFlow:
        """Law of z given observations (N, ...); with a generator, given random parts of bags."""
        return self.flow(self.encoder(inputs, generator))


class Posteriors(nn.Module):
    """Networks that are trained side by side, each from weights and on parts of bags of its own.

    The mean of their densities errs by less than each where the training parameters are few: what a network makes of them by
    chance the others do not.
    """

    def __init__(self, settings: Mapping[str, Any], shape: tuple[int, ...], parameters: int) -> None:
        super().__init__()
        count = settings.get("networks", 1)
        self.members = nn.ModuleList(PosteriorFlow(settings, shape, parameters) for _ in range(count))

    def forward(
        self, inputs: Tensor, generator: torch.Generator | None = None
    ) -> list[zuko.distributions.NormalizingFlow]:
        """Law of z by each network given observations (N, ...)."""
        return [member(inputs, generator) for member in self.members]


class Model(StandardisedPosterior):
    """Draws of the parameters of each observation.

    Arguments:
        settings: the model block.
        unit: mean and deviation of each number of an observation.
        outputs: number of parameters.
    """

    evaluations = 1

    def __init__(self, settings: dict[str, Any], unit: Tensor, outputs: int) -> None:
        super().__init__()
        self.settings, self.unit, self.outputs = settings, unit, outputs
        self.network = Posteriors(settings, tuple(unit.shape[1:]), outputs)

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: System) -> Self:
        """A fresh model with the units of the training observations."""
        inputs = _columns(data.inputs, settings)
        model = cls(settings, _unit(inputs, settings), data.outputs.shape[1])
        for member in model.network.members:
            member.encoder.measure(standardised(inputs, model.unit))
        return model.with_system(system)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """The trained model of model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            unit, outputs = tensors.pop("unit"), int(tensors.pop("outputs"))
        return cls(record["settings"], unit, outputs).take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The units of the observations, and the number of parameters."""
        return {"unit": self.unit, "outputs": torch.tensor(self.outputs)}

    def examples(self, data: Pairs, seed: int) -> Examples:
        """Observations in their units, parameters as the prior's standard normal variables, and balancing weights."""
        z = normal_of(self.prior, data.outputs)
        return Examples((self._seen(data.inputs), z.float(), balance(z).float()))

    def loss(self, batch: tuple[Tensor, Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """Minus the weighted mean of ln q, over networks too."""
        inputs, z, weight = batch
        return -(weight * _log_densities(self.network(inputs, generator), z)).mean()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Watch | None = None,
    ) -> Samples:
        """Draw parameters of each of condition["inputs"] (count, ...), each from a network by chance."""
        laws = self.network(self._seen(condition["inputs"]))
        noise = torch.randn(count, self.outputs, generator=generator, device=self.unit.device)
        z = laws[0].transform.inv(noise)
        if len(laws) > 1:
            which = torch.randint(len(laws), (count, 1), generator=generator, device=self.unit.device)
            for number, law in enumerate(laws[1:], 1):
                z = torch.where(which == number, law.transform.inv(noise), z)
        return Samples(quantile_of(self.prior, z).float())

    @torch.no_grad()
    def log_posterior(self, outputs: Tensor, inputs: Tensor) -> Tensor:
        """Ln q of parameters (N, d), (N,): that of z by the mean of all networks, and the prior over the density of z."""
        z = normal_of(self.prior, outputs)
        each = _log_densities(self.network(self._seen(inputs)), z.float()).double()
        log_q = torch.logsumexp(each, 0) - math.log(len(each))
        normal = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(1)
        prior = torch.from_numpy(self.prior.log_density(outputs.double().cpu().numpy())).to(log_q)
        return log_q - normal + prior

    def _seen(self, inputs: Tensor) -> Tensor:
        """Observations as the encoder sees them."""
        return standardised(_columns(inputs, self.settings), self.unit)


def _log_densities(laws: Sequence[zuko.distributions.NormalizingFlow], z: Tensor) -> Tensor:
    """Ln q of z (N, d) by each network, (networks, N)."""
    return torch.stack([law.log_prob(z) for law in laws])


def _columns(inputs: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Those columns of a bag that are shown, and its last one; other observations as they are."""
    columns = settings["encoder"].get("columns")
    return inputs if columns is None else inputs[..., [*columns, inputs.shape[-1] - 1]]


def _unit(inputs: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Units of observations; those of a bag are the same for all events, of all kinds, and its last column has none."""
    if settings["encoder"]["kind"] == "dense":
        return unit_of(inputs)
    present = inputs[inputs[..., -1] > 0]
    kinds = settings["encoder"].get("kinds", 1)
    # In units of their own, kinds would not be told apart by what differs between them.
    alike = unit_of(present[:, :-1].unflatten(1, (kinds, -1)).flatten(0, 1))
    unit = torch.cat([alike.repeat(1, kinds), torch.tensor([[0.0], [1.0]])], 1)
    if settings["encoder"]["kind"] == "images":
        # In units of their own, pixels that are hardly ever lit would be the loudest.
        image = pixels_of(inputs.shape[-1] - 1) ** 2
        unit[:, :image] = unit_of(present[:, :image].reshape(-1, 1))
    return unit[:, None].expand(2, *inputs.shape[1:]).contiguous()
