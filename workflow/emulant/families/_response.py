"""Models whose spectra are a fitted response of each Fourier mode of ln S to multipoles of the initial density.

Weights are real and columns turn like the mode, so that rotations (those of the grid by quarter turns, others up to its
resolution), mirrors and shifts are exact whatever the weights; the exponential is positive. The fit is closed: one round.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples
from emulant.families._entropy_growth import EntropyGrowth
from emulant.families._family import ModelFamily, tensors_of
from emulant.families._least_squares import ridge
from emulant.families._log_harmonics import LogHarmonics
from emulant.families._multipoles import Multipoles
from emulant.families._viscosity import Viscosity
from emulant.storage.pairs import Pairs

__all__ = ["ResponseModel"]


class Response(nn.Module):
    """Weights of the columns of each harmonic, (columns, coefficients), float64."""

    def __init__(self, weights: list[Tensor]) -> None:
        super().__init__()
        self.weights = nn.ParameterList(weights)

    def forward(self, columns: list[Tensor]) -> list[Tensor]:
        """Coefficients of each harmonic, real of n = 0, complex of others."""
        return [part @ w.to(part.dtype) for part, w in zip(columns, self.weights, strict=True)]


class ResponseModel(ModelFamily):
    """The spectrum of each given initial state.

    Arguments:
        settings: the model block.
        harmonics: between spectra and coefficients.
        multipoles: of densities.
        growth: the condition in units of the entropy that it makes.
        viscosity: polynomials of that.
        weights: of the columns of each harmonic.
        fit: number of training pairs and loss of the fit, which a loaded model does not know.
    """

    evaluations, site_shape, rounds = 1, (), 1
    network: Response

    def __init__(
        self,
        settings: dict[str, Any],
        harmonics: LogHarmonics,
        multipoles: Multipoles,
        growth: EntropyGrowth,
        viscosity: Viscosity,
        weights: list[Tensor],
        fit: tuple[int, float] = (0, float("nan")),
    ) -> None:
        super().__init__()
        self.settings, self.harmonics, self.multipoles = settings, harmonics, multipoles
        self.growth, self.viscosity = growth, viscosity
        self.fit, self.network = fit, Response(weights)

    @staticmethod
    @abstractmethod
    def columns(
        settings: Mapping[str, Any], moments: Tensor, scalars: Tensor, viscosity: Tensor, n: int
    ) -> tuple[Tensor, Tensor]:
        """Columns that harmonic n is linear in, (N, columns), and the expected size of each response, (columns,)."""

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: Any) -> Self:
        """Fit the response to training pairs, whose condition is `viscosity`."""
        pt, intervals = system.nodes
        harmonics = LogHarmonics.fitted(data.outputs, torch.as_tensor(pt * intervals))
        multipoles = Multipoles.fitted(data.inputs, system.spacing)
        growth = EntropyGrowth.fitted(partial(system.entropy_growth, data.inputs.numpy()))
        entropy = growth(data.conditions["viscosity"])
        viscosity = Viscosity.fitted(entropy)
        numbers = (*multipoles(data.inputs), viscosity(entropy))
        fits = [
            ridge(*cls.columns(settings, *numbers, n), target)
            for n, target in enumerate(harmonics.coefficients(data.outputs))
        ]
        weights, losses = zip(*fits, strict=True)
        fit = len(data.inputs), sum(losses)
        return cls(settings, harmonics, multipoles, growth, viscosity, list(weights), fit)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            harmonics, multipoles = LogHarmonics.from_tensors(tensors), Multipoles.from_tensors(tensors)
            growth, viscosity = EntropyGrowth.from_tensors(tensors), Viscosity.from_tensors(tensors)
            response = [tensors[f"weights.{n}"] for n in range(len(harmonics.bases))]
            parts = harmonics, multipoles, growth, viscosity
            return cls(record["settings"], *parts, response).take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Units of the density and components of the spectra."""
        return {k: v for part in self._parts for k, v in part.tensors().items()}

    @property
    def _parts(self) -> tuple[LogHarmonics, Multipoles, EntropyGrowth, Viscosity]:
        return self.harmonics, self.multipoles, self.growth, self.viscosity

    def place(self, device: torch.device | str) -> Self:
        """Move everything to `device`."""
        moved = (part.to(device) for part in self._parts)
        self.harmonics, self.multipoles, self.growth, self.viscosity = moved
        return self.to(device)

    def examples(self, data: Pairs, seed: int) -> Examples:
        """Densities, viscosities and spectra."""
        return Examples((data.inputs, data.conditions["viscosity"], data.outputs))

    def loss(self, batch: tuple[Tensor, Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """Mean square of what the response leaves of ln S, weighted by yields."""
        densities, viscosity, spectra = batch
        targets = self.harmonics.coefficients(spectra)
        pairs = zip(self._coefficients(densities, viscosity), targets, strict=True)
        return sum((value - target).abs().square().sum(dim=1).mean() for value, target in pairs)

    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Report the fit that `build` made: the number of pairs, and the cross-validated loss."""
        return dict(zip(("examples", "loss"), self.fit, strict=True))

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Compute the spectrum of each of condition["inputs"] (count, n, n) at condition["viscosity"] (count,)."""
        densities = condition["inputs"]
        values = self._coefficients(densities, condition["viscosity"])
        return Samples(self.harmonics.spectra(values).to(densities.dtype))

    def _coefficients(self, densities: Tensor, viscosity: Tensor) -> list[Tensor]:
        numbers = (*self.multipoles(densities), self.viscosity(self.growth(viscosity)))
        orders = range(len(self.harmonics.bases))
        return self.network([self.columns(self.settings, *numbers, n)[0] for n in orders])
