"""A normal posterior about a linear regression: exact where response, noise and prior are linear and normal.

In standard normal variables z of the prior, z given y is normal with mean W y + b and a covariance that no observation
changes. What a network does not beat, it need not be trained for.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples, Watch
from emulant.contracts.system import System
from emulant.families._family import tensors_of
from emulant.families._posterior import StandardisedPosterior, normal_of, quantile_of, standardised, unit_of
from emulant.storage.pairs import Pairs

__all__ = ["Model"]


def features_of(inputs: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """What the regression sees of observations (N, ...): all numbers, or means over the events of a bag, (N, features).

    Of a bag, whose last column is 1 where there is an event, these are means of the columns and of products of two.
    """
    if settings.get("features", "vector") == "vector":
        return inputs.flatten(1)
    present, columns = inputs[..., -1:], inputs[..., :-1]
    first, second = torch.triu_indices(columns.shape[-1], columns.shape[-1])
    everything = torch.cat([columns, columns[..., first] * columns[..., second]], -1)
    return (everything * present).sum(1) / present.sum(1).clamp(min=1)


class Regression(nn.Module):
    """Weights (m + 1, d) of the mean, and the lower Cholesky factor (d, d) of the covariance."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.register_buffer("weights", torch.zeros(inputs + 1, outputs, dtype=torch.float64))
        self.register_buffer("factor", torch.eye(outputs, dtype=torch.float64))

    def forward(self, features: Tensor) -> Tensor:
        """Mean of z, (N, d), of features (N, m)."""
        return features.double() @ self.weights[:-1] + self.weights[-1]


class Model(StandardisedPosterior):
    """Draws of the parameters of each observation.

    Arguments:
        settings: the model block.
        unit: mean and deviation of each number of an observation, (2, m).
        outputs: number of parameters.
    """

    rounds, evaluations = 1, 1

    def __init__(self, settings: dict[str, Any], unit: Tensor, outputs: int) -> None:
        super().__init__()
        self.settings, self.unit = settings, unit
        self.network = Regression(unit.shape[1], outputs)

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: System) -> Self:
        """A model before its regression; it keeps the pairs until then."""
        inputs = features_of(data.inputs, settings)
        model = cls(settings, unit_of(inputs), data.outputs.shape[1]).with_system(system)
        model.pairs = (
            standardised(inputs, model.unit).double(),
            normal_of(system.prior, data.outputs),
        )
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """The fitted model of model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            model = cls(record["settings"], tensors.pop("unit"), len(tensors["factor"]))
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The units of the observations."""
        return {"unit": self.unit}

    def examples(self, data: Pairs, seed: int) -> Examples:
        """Nothing: the regression takes all pairs at once."""
        return Examples(None)

    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Solve the regression; the penalty, in units of the mean square, is that of the settings."""
        x, z = self.pairs
        x = torch.cat([x, torch.ones_like(x[:, :1])], 1)
        penalty = self.settings["ridge"] * len(x) * torch.eye(x.shape[1], dtype=x.dtype)
        # A constant costs nothing.
        penalty[-1, -1] = 0.0
        self.network.weights.copy_(torch.linalg.solve(x.T @ x + penalty, x.T @ z))
        residuals = z - x @ self.network.weights
        covariance = residuals.T @ residuals / (len(x) - x.shape[1])
        self.network.factor.copy_(torch.linalg.cholesky(covariance))
        return {"examples": len(x), "loss": float(residuals.square().mean())}

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Watch | None = None,
    ) -> Samples:
        """Draw parameters of each of condition["inputs"] (count, ...)."""
        features = standardised(features_of(condition["inputs"], self.settings), self.unit)
        mean = self.network(features)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
        return Samples(quantile_of(self.prior, mean + noise @ self.network.factor.T).float())
