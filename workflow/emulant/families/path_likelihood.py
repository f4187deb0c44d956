"""The flow of closed paths fitted to samples by their likelihood, at one temperature or at those of a training ensemble.

What it begins with is still the Gaussian of the gap equation; of the action it learns nothing else. Its log q is then an
effective action, and weights say how far it is from the true one.
"""

import copy
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Conditioned, Examples
from emulant.contracts.system import System
from emulant.families.fourier_flow.model import Model as FourierFlow
from emulant.families.ridge_flow.conditions import Conditions
from emulant.transport.gaussian_start import GaussianStart

__all__ = ["Model"]

CONDITION = "temperature"
PASSES = 3
"""Of the map for one example of the training: a gradient costs as much as two."""


class Model(FourierFlow):
    """Samples of the flow with their log q; a network of the same form, trained on paths instead of the action."""

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: System | None = None) -> None:
        self.sampled = settings.get("conditions", {})
        super().__init__(settings, start, system)
        # A training ensemble says the temperatures, not the model's block.
        self.settings = {key: value for key, value in settings.items() if key != "conditions"}

    @property
    def conditions(self) -> Conditions:
        """Temperatures of the samples."""
        return Conditions(self.sampled)

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor | Conditioned, system: System) -> Self:
        """A fresh model, the Gaussian itself, for the temperatures of the samples."""
        conditions = data.conditions if isinstance(data, Conditioned) else {}
        # Single precision holds six digits of what the configuration says.
        values = {n: [float(f"{v:.6g}") for v in column.unique()] for n, column in conditions.items()}
        return super().build(settings | {"conditions": values}, None, system)

    def on(self, system: System) -> Self:
        """A model of other paths with a copy of these weights."""
        other = self.at(system)
        other.network = copy.deepcopy(self.network)
        return other

    @classmethod
    def from_parts(cls, settings: dict[str, Any], tensors: dict[str, Tensor]) -> Self:
        """Take the temperatures of the training out of the tensors of a file, and the rest."""
        temperatures = tensors.pop("temperatures").tolist()
        values = {CONDITION: temperatures} if temperatures else {}
        return super().from_parts(settings | {"conditions": values}, tensors)

    def parts(self) -> dict[str, Tensor]:
        """The Gaussian, the polynomials of the system's temperature, the temperatures of the training."""
        temperatures = self.conditions.values.get(CONDITION, [])
        return super().parts() | {"temperatures": torch.tensor(temperatures, dtype=torch.float64)}

    def examples(self, data: Tensor | Conditioned, seed: int) -> Examples:
        """Paths (N, points) and the number of the temperature of each, (N,)."""
        if not isinstance(data, Conditioned):
            return Examples((data, torch.zeros(len(data), dtype=torch.long)))
        values = torch.tensor(self.conditions.values[CONDITION], dtype=torch.float64)
        return Examples(
            (data.values, (data.conditions[CONDITION][:, None].double() - values).abs().argmin(1))
        )

    @property
    def training_operations(self) -> float:
        """Floating-point operations of the training."""
        training = self.settings["training"]
        return float(training["steps"] * training["batch"] * PASSES) * self.operations

    def loss(self, batch: tuple[Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """The mean of -log q, the entropy of the samples above a divergence KL(p || q)."""
        paths, number = batch
        total = torch.zeros((), dtype=torch.float64, device=paths.device)
        for index, model in enumerate(self.trained_at()):
            total = total - model.density(paths[number == index]).sum()
        return total / len(paths)
