r"""A flow from a Gaussian to the real density P of complexified charged fields, linear in what it learns.

Modes x of unit covariance move as dx/ds = g(x, s), s from 0 to 1. With x = cos(theta) z + sin(theta) y of noise z and data
y, s = sin(theta), the velocity on that path is E[cos(theta) y - sin(theta) z | x] = cos(theta) g. A Gaussian has g = 0, and
a polynomial of degree n in log P adds s^(n-1) times its gradient at first order: so g is fitted as a sum of covariants times
s, s^3, s^5, by least squares, mode by mode. A last linear map gives each mode the covariance that the Gaussian has.

The Schwinger-Dyson equation says what the interaction makes of <|phi|^4>: 2 lambda <|phi|^4> is the mean over modes of
Sigma_p <phi_p chi_p^*>. So the velocity is multiplied by the strength, near 1, at which the flow obeys it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.families._family import ModelFamily, tensors_of
from emulant.families.complexified_flow.calibration import CALIBRATION, calibrated, mapped
from emulant.families.complexified_flow.covariants import PARITIES, covariants
from emulant.families.complexified_flow.pair_law import (
    MeasuredPair,
    PairCurve,
    charged_pair,
    components,
)
from emulant.families.complexified_flow.regression import Moments, solved
from emulant.families.complexified_flow.velocity import Velocity, polynomials
from emulant.worldlines.action import BoseGas

__all__ = ["Model"]

BATCH = 1024
"""Configurations that are moved at a time: some tens of megabytes at 8 x 8 and six chemical potentials."""


class Model(ModelFamily):
    """Fields at every chemical potential of the system, independent of each other.

    Arguments:
        settings: the model block.
        gases: one for each chemical potential.
        curve: the Gaussian.
        fields: training fields (N, M, 4, *shape), which only a training needs.
    """

    network: Velocity

    def __init__(
        self,
        settings: dict[str, Any],
        gases: Sequence[BoseGas],
        curve: PairCurve,
        fields: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.settings, self.gases, self.curve, self.training_fields = settings, list(gases), curve, fields
        self.site_shape, self.law = (len(gases), 4, *gases[0].shape), curve.at(gases)
        self.network = Velocity(gases[0].shape, settings["powers"])
        unit = torch.eye(2, dtype=torch.complex64)
        self.maps = unit.expand(*self.law.product.shape, 2, 2).clone()
        self.strengths = torch.ones(len(gases))

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor, system: System) -> Self:
        """Measure the Gaussian at the chemical potentials of the training.

        Raises:
            InputError: where one of them is none of the system's, or the fields at it are real.
        """
        gases, where = system.gases, (f"model {settings['name']}", "trained_at")
        numbers = [gas.mu for gas in gases]
        for mu in settings["trained_at"]:
            if mu not in numbers:
                raise InputError(*where, f"chemical potentials of the system, {numbers}", mu)
        if min(numbers) <= 0:
            raise InputError(f"system {system.kind}", "mu", "positive ones: fields are real at 0", 0.0)
        trained = [MeasuredPair.of(gases[k], data[:, k]) for k in _trained(settings, gases)]
        return cls(settings, gases, PairCurve.fitted(trained), data)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            mass, coupling, *mus = tensors.pop("gas").tolist()
            shape = tuple(record["site_shape"][2:])
            parts = (tensors.pop(f"curve.{name}") for name in ("constant", "self_energy", "width"))
            constant, energy, width = parts
            gases = [BoseGas(shape, mass, coupling, mu) for mu in mus]
            model = cls(record["settings"], gases, PairCurve(float(constant), energy, width))
            model.maps = torch.view_as_complex(tensors.pop("maps"))
            model.strengths = tensors.pop("strengths")
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The gases, the Gaussian and the last maps."""
        first = self.gases[0]
        gas = [first.mass, first.coupling, *(gas.mu for gas in self.gases)]
        return {
            "gas": torch.tensor(gas, dtype=torch.float64),
            "curve.constant": torch.tensor(self.curve.constant, dtype=torch.float64),
            "curve.self_energy": self.curve.self_energy,
            "curve.width": self.curve.width,
            "maps": torch.view_as_real(self.maps),
            "strengths": self.strengths,
        }

    def place(self, device: torch.device | str) -> Self:
        """Move the weights, the Gaussian and the last maps to `device`."""
        self.law, self.maps = self.law.to(device), self.maps.to(device)
        self.strengths = self.strengths.to(device)
        return super().place(device)

    @property
    def evaluations(self) -> int:
        """Velocities for each sample: four stages a step."""
        return 4 * self.settings["generation"]["steps"]

    @property
    def rounds(self) -> int:
        """One for each chemical potential of the training."""
        return len(self.settings["trained_at"])

    @torch.no_grad()
    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Add the fields at one chemical potential to the least squares; the loss is that of zero weights, 1 a mode."""
        index = _trained(self.settings, self.gases)[number]
        law = self.curve.at(self.gases[index : index + 1]).to(generator.device)
        phi, chi = charged_pair(self.training_fields[:, index : index + 1].to(generator.device), 2)
        data, levels = law.whitened(phi, chi), self.settings["levels"]
        for level in range(levels):
            angle = math.pi / 2 * (level + 0.5) / levels
            values = polynomials(math.sin(angle), self.gases[index : index + 1], self.settings["powers"])[0]
            moments = Moments.at(law, data, angle, generator)
            # The path's velocity is cos(angle) g, and so is its error.
            added = moments.times(values, math.cos(angle) ** 2)
            for name, moment in (("gram", added.gram), ("overlap", added.overlap)):
                carried[name] = carried.get(name, 0) + torch.view_as_real(moment)
        total = Moments(*(torch.view_as_complex(carried[name]) for name in ("gram", "overlap")))
        weights = solved(total, self.settings["ridge"]).unflatten(-2, (len(PARITIES), -1))
        self.network.weights.copy_(torch.view_as_real(weights))
        return {"examples": len(data), "loss": float(data.abs().square().mean())}

    @torch.no_grad()
    def calibrate(self, examples: Examples, generator: torch.Generator) -> None:
        """Measure the strength of the velocity and the last maps."""
        sizes = [min(BATCH, CALIBRATION - start) for start in range(0, CALIBRATION, BATCH)]
        latents = [self.latents(size, generator) for size in sizes]
        pairs = [(part, self.moved(part)) for part in latents]
        self.strengths, self.maps = calibrated(self.law, self.gases, pairs)

    def latents(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw modes of unit covariance, (count, M, 2, *shape)."""
        shape = (count, len(self.gases), 2, *self.gases[0].shape)
        return torch.randn(shape, generator=generator, device=generator.device, dtype=torch.complex64)

    def moved(self, modes: Tensor) -> Tensor:
        """Move modes along the flow by Runge-Kutta steps of fourth order."""
        steps = self.settings["generation"]["steps"]
        for step in range(steps):
            s, h = step / steps, 1 / steps
            one = self._velocity(modes, s)
            two = self._velocity(modes + h / 2 * one, s + h / 2)
            three = self._velocity(modes + h / 2 * two, s + h / 2)
            four = self._velocity(modes + h * three, s + h)
            modes = modes + h / 6 * (one + 2 * two + 2 * three + four)
        return modes

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Generate fields at every chemical potential of the system."""
        latents = self.latents(count, generator)
        moved = torch.cat([self.moved(part) for part in latents.split(BATCH)])
        return self._samples(mapped(self.maps, moved))

    @torch.no_grad()
    def sample_variant(
        self,
        variant: str,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
    ) -> Samples:
        """Generate fields of the Gaussian alone, from the same latents."""
        return self._samples(self.latents(count, generator))

    def _samples(self, modes: Tensor) -> Samples:
        return Samples(components(*self.law.fields(modes), 2))

    def _velocity(self, modes: Tensor, s: float) -> Tensor:
        values = polynomials(s, self.gases, self.settings["powers"]).to(modes.device)
        return self.network(covariants(self.law, modes), self.strengths[:, None] * values)


def _trained(settings: Mapping[str, Any], gases: Sequence[BoseGas]) -> list[int]:
    """Numbers of the chemical potentials that training sees."""
    return [k for k, gas in enumerate(gases) if gas.mu in settings["trained_at"]]
