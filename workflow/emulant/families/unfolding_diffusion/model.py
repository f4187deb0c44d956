"""Samples of slices and separation by a flow from the errors of the linear unfolding to the true ones.

On the path cos(pi t / 2) e_0 + sin(pi t / 2) e_1 between independent errors of equal covariance (a trigonometric stochastic
interpolant, M. Albergo, N. Boffi, E. Vanden-Eijnden [2303.08797]) the velocity is zero where both are Gaussian: the network
learns what is not, such as the ends of the prior of the separation.
"""

import math
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Examples
from emulant.contracts.system import System
from emulant.families._charge_sectors import SEPARATION, Sectors
from emulant.families._family import tensors_of
from emulant.families._linear_law import LinearLaw, targets_of
from emulant.families._unfolded import (
    Answer,
    Unfolding,
    even_mean,
    in_units,
    mirror_images,
    mirrored,
    rms_of,
    unit_of,
)
from emulant.families.unfolding_diffusion.network import VelocityNetwork
from emulant.storage.pairs import Pairs

__all__ = ["Model"]

NODES = 24
"""Of the mean over the separation's error: its density has an edge, and the mean an error of 1e-3 of the width."""


class Model(Unfolding):
    """The flow.

    Arguments:
        settings: the model block.
        shape: of the slices together.
        law: of the separation and all slices, linear.
    """

    network: VelocityNetwork
    centre: Tensor
    input_scale: Tensor
    error_scale: Tensor
    width: Tensor

    def __init__(self, settings: dict[str, Any], shape: tuple[int, ...], law: LinearLaw) -> None:
        super().__init__(settings, shape)
        self.law = law.requires_grad_(False)
        slices, _, pt, _ = shape
        self.register_buffer("centre", torch.zeros(shape[1:]))
        self.register_buffer("input_scale", torch.ones(1, pt, 1))
        self.register_buffer("error_scale", torch.ones(slices, 1, pt, 1))
        self.register_buffer("width", torch.ones(()))
        block = settings["network"]
        self.network = VelocityNetwork(slices, block["channels"], block["embedding"])

    @property
    def evaluations(self) -> int:
        """One a step."""
        return self.settings["generation"]["steps"]

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: System) -> Self:
        """A model whose linear law is fitted, and whose flow stands still."""
        shape, unit = tuple(data.outputs.shape[1:]), unit_of(data)
        sectors, pairs = Sectors(shape[1:]), in_units(data, unit)
        inputs = sectors.split(pairs.inputs.double())
        targets = targets_of(sectors, pairs.conditions["separation"].double(), pairs.outputs.double())
        law = LinearLaw.of(inputs, targets).fit(inputs, targets, sectors.size)
        model = cls(settings, shape, law)
        model.unit = unit
        return model._measured(pairs)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            shape = tuple(tensors.pop("shape").tolist())
            names = ("unit", "centre", "input_scale", "error_scale", "width")
            parts = {name: tensors.pop(name) for name in [*tensors] if name in names or "law." in name}
            model = cls(record["settings"], shape, LinearLaw(*parts["law.response"].shape[1:]))
            model.load_state_dict(parts, strict=False)
            return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The shape, the law and scales."""
        parts = {name: part for name, part in self.state_dict().items() if not name.startswith("network.")}
        return {"shape": torch.tensor(self.shape), **parts}

    @torch.no_grad()
    def examples(self, data: Pairs, seed: int) -> Examples:
        """Inputs in their scale, the error of the separation, what it leaves of those of slices, and the guess."""
        pairs = in_units(data, self.unit)
        inputs, separation = pairs.inputs.float(), pairs.conditions["separation"].float()
        mean = self.law(self.sectors.split(inputs))
        errors = targets_of(self.sectors, separation, pairs.outputs.float()) - mean
        number = errors[SEPARATION, :, 0] / self._separation_error()
        rest = self.joined(errors[:, :, 1:]) - number[:, None, None, None, None] * self._signal()
        numbers = torch.stack([number, mean[SEPARATION, :, 0] / self.width], dim=1)
        return Examples((self._scaled(inputs), rest / self.error_scale, numbers))

    def loss(self, batch: tuple[Tensor, Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """Mean square errors of both velocities: of a network that says nothing (pi / 2)^2 each."""
        mirror = mirror_images(len(batch[0]), generator)
        inputs, rest, numbers = mirrored(batch[0], mirror), mirrored(batch[1], mirror), batch[2].clone()
        numbers[mirror] *= -1
        time = torch.rand(len(rest), generator=generator, device=rest.device)
        number, noise = numbers[:, 0], self.normal(len(rest), self.law.factor.shape[-1], generator)
        start = self._rest(noise) / self.error_scale, noise[SEPARATION, :, 0]
        (maps, maps_velocity), (on_the_way, velocity) = (
            _interpolated(a, b, time) for a, b in zip(start, (rest, number), strict=True)
        )
        told = torch.stack([on_the_way, numbers[:, 1]], dim=1)
        answers = self.network(maps, inputs, told, time)
        targets = (maps_velocity, velocity)
        return sum((a - b).square().mean() for a, b in zip(answers, targets, strict=True))

    def mean(self, inputs: Tensor) -> Answer:
        """The mean over errors of the separation, with none beside it."""
        columns = self.law(self.sectors.split(inputs))
        quantiles = (torch.arange(NODES, device=inputs.device) + 0.5) / NODES
        number = torch.special.ndtri(quantiles).repeat(len(inputs), 1).flatten()
        guess = self._guess(columns).repeat_interleave(NODES)
        for time, step in self._times():
            now = torch.full_like(number, time)
            number = number + step * self.network.separation(torch.stack([number, guess], dim=1), now)
        return self._answer(columns, number.unflatten(0, (-1, NODES)).mean(1))

    def drawn(self, inputs: Tensor, generator: torch.Generator) -> Answer:
        """Draw errors and let them flow."""
        columns = self.law(self.sectors.split(inputs))
        noise = self.normal(len(inputs), columns.shape[2], generator)
        rest, number = self._rest(noise) / self.error_scale, noise[SEPARATION, :, 0]
        scaled, guess = self._scaled(inputs), self._guess(columns)
        for time, step in self._times():
            told, now = torch.stack([number, guess], dim=1), torch.full_like(number, time)
            maps_velocity, velocity = self.network(rest, scaled, told, now)
            rest, number = rest + step * maps_velocity, number + step * velocity
        answer = self._answer(columns, number)
        return Answer(answer.slices + rest * self.error_scale, answer.separation)

    def _times(self) -> list[tuple[float, float]]:
        """Middles and lengths of the steps."""
        steps = self.evaluations
        return [((k + 0.5) / steps, 1 / steps) for k in range(steps)]

    def _answer(self, columns: Tensor, number: Tensor) -> Answer:
        """Slices and separation of the linear law with this error of the separation, in its units."""
        slices = self.joined(columns[:, :, 1:]) + number[:, None, None, None, None] * self._signal()
        return Answer(slices, columns[SEPARATION, :, 0] + number * self._separation_error())

    def _rest(self, noise: Tensor) -> Tensor:
        """Errors of slices at the separation's mean, from standard normal variables (8, N, columns)."""
        others = noise.clone()
        others[SEPARATION, :, 0] = 0
        return self.joined(self.law.spread(others)[:, :, 1:])

    def _signal(self) -> Tensor:
        """What one error of the separation adds to slices, (slices, 2, p_T, azimuth)."""
        one = torch.zeros_like(self.law.centre)
        one[SEPARATION, 0, 0] = 1
        return self.joined(self.law.spread(one)[:, :, 1:])[0]

    def _separation_error(self) -> Tensor:
        """The error of the separation."""
        return self.law.scale[SEPARATION, 0, 0] * self.law.factor[SEPARATION, 0, 0]

    def _guess(self, columns: Tensor) -> Tensor:
        """The linear mean of the separation in units of its width."""
        return columns[SEPARATION, :, 0] / self.width

    def _scaled(self, inputs: Tensor) -> Tensor:
        return (inputs - self.centre) / self.input_scale

    @torch.no_grad()
    def _measured(self, data: Pairs) -> Self:
        """Measure the scales of inputs, errors of slices, and separations."""
        inputs = data.inputs.float()
        self.centre = even_mean(self.sectors, inputs)
        self.input_scale = rms_of(inputs - self.centre)
        noise = self.normal(len(inputs), self.law.factor.shape[-1], torch.Generator().manual_seed(0))
        self.error_scale = rms_of(self._rest(noise))
        self.width = data.conditions["separation"].float().square().mean().sqrt()
        return self


def _interpolated(start: Tensor, end: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
    """The path between errors at times (N,), and its velocity."""
    angle = (0.5 * math.pi * time).reshape(-1, *[1] * (start.ndim - 1))
    cosine, sine = torch.cos(angle), torch.sin(angle)
    return cosine * start + sine * end, 0.5 * math.pi * (cosine * end - sine * start)
