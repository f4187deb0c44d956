r"""A last map that gives the zero mode its law, and every shell of momenta its power at each value of the zero mode.

A network leaves errors of some per cent in the longest waves, whose restoring force is the small difference of large ones.
They are measured on fields that the model made and undone: with y the standard normal variable of the zero mode's quantile,
m goes to the quantile of the training samples, and each mode is multiplied by the root of the ratio of <|phi_p|^2> given |y|
in training to that in generated fields, both linear in |y| between knots. The map is triangular, m first, so its Jacobian is
known.
"""

from dataclasses import asdict, dataclass
from typing import Self

import torch
from torch import Tensor

from emulant.transport.measures import ModeMeasure
from emulant.transport.order_parameter import SymmetricMixture

__all__ = ["Closing"]

KNOTS = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Values of |y| between which powers are linear, and constant beyond the last, where one field in 22 is: polynomials of y^2
became negative between the samples."""
RANGE = (0.25, 4.0)
"""Of the ratio of powers: more is noise of a few fields, which may make a fitted power negative."""
COMPONENTS = 6
"""Gaussians in the law of the generated zero mode, as many as in that of the training samples."""


@dataclass(frozen=True)
class Closing:
    """The map.

    Attributes:
        centres, weights, width: of the mixture of the generated zero mode.
        trained: coefficients of <|phi_p|^2> of each shell in training fields, (knots, shells) float64.
        generated: the same in generated ones.
    """

    centres: Tensor
    weights: Tensor
    width: Tensor
    trained: Tensor
    generated: Tensor

    @classmethod
    def measure(cls, measure: ModeMeasure, trained: Tensor, generated: Tensor) -> Self:
        """Measure it on training fields and generated ones, (N, *site_shape) each."""
        zero = torch.cat([measure.zero_mode_of(part) for part in generated.split(4096)])
        law = SymmetricMixture.fit(zero, COMPONENTS)
        return cls(
            law.centres,
            law.weights,
            torch.tensor(law.width, dtype=torch.float64),
            _powers(measure, measure.zero_mode, trained),
            _powers(measure, law, generated),
        )

    def to(self, device: torch.device | str) -> Self:
        """Copy to `device`."""
        return type(self)(**{name: value.to(device) for name, value in self.tensors().items()})

    def tensors(self) -> dict[str, Tensor]:
        """All tensors, for safetensors."""
        return asdict(self)

    @property
    def law(self) -> SymmetricMixture:
        """Of the generated zero mode."""
        return SymmetricMixture(self.centres, self.weights, float(self.width))

    def __call__(self, measure: ModeMeasure, fields: Tensor) -> Tensor:
        """Map generated fields (N, *site_shape)."""
        latent = self.law.to_latent(measure.zero_mode_of(fields), 0.0)
        return self._scaled(
            measure, fields, measure.zero_mode.from_latent(latent, 0.0), self._gain(measure, latent)
        )

    def inverse(self, measure: ModeMeasure, mapped: Tensor) -> tuple[Tensor, Tensor]:
        """Fields that are mapped to `mapped`, and log of the Jacobian of the map there, (N,) float64."""
        zero = measure.zero_mode_of(mapped)
        latent = measure.zero_mode.to_latent(zero, 0.0)
        before, gain = self.law.from_latent(latent, 0.0), self._gain(measure, latent)
        stretch = self.law.latent_slope(before, 0.0).log() - measure.zero_mode.latent_slope(zero, 0.0).log()
        logarithms = gain.log() * _multiplicity(measure)
        logarithms[measure.origin] = 0.0
        return self._scaled(measure, mapped, before, 1 / gain), stretch + logarithms.flatten(1).sum(1)

    def _gain(self, measure: ModeMeasure, latent: Tensor) -> Tensor:
        """Factor of each mode where the zero mode has this quantile, (N, *half shape) float64."""
        columns = _columns(latent)
        ratios = (columns @ self.trained) / (columns @ self.generated)
        return ratios.clamp(*RANGE).sqrt()[:, _shells(measure)]

    def _scaled(self, measure: ModeMeasure, waves: Tensor, zero: Tensor, gain: Tensor) -> Tensor:
        modes = measure.transform(waves) * gain.to(waves.dtype)
        modes[measure.origin] = zero.to(waves.dtype)
        return measure.inverse(modes)


def _powers(measure: ModeMeasure, law: SymmetricMixture, waves: Tensor) -> Tensor:
    """Fit <|phi_p|^2> of each shell, over its mean power, by functions of |y|; (knots, shells)."""
    shells = _shells(measure).flatten()
    weights = _multiplicity(measure).flatten() / measure.power.flatten()
    size = torch.zeros(int(shells.max()) + 1, dtype=torch.float64, device=shells.device)
    size = size.index_add(0, shells, _multiplicity(measure).flatten())
    gram, overlap = 0.0, 0.0
    for part in waves.split(4096):
        columns = _columns(law.to_latent(measure.zero_mode_of(part), 0.0))
        squares = measure.transform(part).abs().double().square().flatten(1) * weights
        power = torch.zeros(len(part), len(size), dtype=torch.float64, device=part.device)
        power = power.index_add(1, shells, squares) / size
        gram, overlap = gram + columns.T @ columns, overlap + columns.T @ power
    return torch.linalg.solve(gram, overlap)


def _columns(latent: Tensor) -> Tensor:
    """Hat functions of |y|, one for each knot, (N, knots) float64."""
    knots = torch.tensor(KNOTS, dtype=torch.float64, device=latent.device)
    size = latent.double().abs().clamp_max(KNOTS[-1])
    width = knots[1:2] - knots[:1]
    return (1 - (size[:, None] - knots).abs() / width).clamp_min(0.0)


def _shells(measure: ModeMeasure) -> Tensor:
    """Number of the shell of each mode, those of equal power as the lattice's symmetries make it, (*half shape)."""
    axes = [torch.fft.fftfreq(size, 1 / size).abs() for size in measure.site_shape]
    axes[-1] = axes[-1][: measure.power.shape[-1]]
    square = sum(grid.square() for grid in torch.meshgrid(*axes, indexing="ij"))
    return torch.unique(square.round(), return_inverse=True)[1].to(measure.power.device)


def _multiplicity(measure: ModeMeasure) -> Tensor:
    """How many real numbers of a field each mode of the half spectrum stands for, (*half shape) float64."""
    size = measure.site_shape[-1]
    count = torch.full_like(measure.power, 2.0)
    count[..., 0] = 1.0
    if size % 2 == 0:
        count[..., -1] = 1.0
    return count
