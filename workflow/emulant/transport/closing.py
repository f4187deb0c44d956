r"""A last map that gives the zero mode its law, and the waves what they are given the zero mode and the lowest shell.

A network leaves errors of some per cent in the longest waves, whose restoring force is the small difference of large ones.
They are measured on fields that the model made and undone (`waves_given_order`): with y the standard normal variable of
the zero mode's quantile and u that of the quantile of the lowest shell's power given |y|, both stay, and the zero mode and
that power go to the quantiles of the training samples. Of the next shells the part that is linear in the cube of all longer
waves is replaced; the rest of every shell is multiplied by the root of the ratio of its powers at this |y| and u. The
map is triangular, one shell after another, so its Jacobian is known.
"""

from dataclasses import asdict, dataclass, fields
from typing import Self

import torch
from torch import Tensor

from emulant.transport.measures import ModeMeasure
from emulant.transport.order_parameter import SymmetricMixture
from emulant.transport.waves_given_order import (
    CUBED,
    WavesGivenOrder,
    level_of,
    multiplicity,
    order_of,
    pairs_of,
    shells_of,
)

__all__ = ["Closing"]

RANGE = (0.25, 4.0)
"""Of the ratio of powers: more is noise of a few fields, which may make a fitted power negative."""
COMPONENTS = 6
"""Gaussians in the law of the generated zero mode, as many as in that of the training samples."""


@dataclass(frozen=True)
class Closing:
    """The map.

    Attributes:
        law: of the generated zero mode.
        trained, generated: waves given the zero mode, of training fields and of generated ones.
    """

    law: SymmetricMixture
    trained: WavesGivenOrder
    generated: WavesGivenOrder

    @classmethod
    def measure(cls, measure: ModeMeasure, trained: Tensor, generated: Tensor) -> Self:
        """Measure it on training fields and generated ones, (N, *site_shape) each."""
        zero = torch.cat([measure.zero_mode_of(part) for part in generated.split(4096)])
        law = SymmetricMixture.fit(zero, COMPONENTS)
        pairs = ((measure.zero_mode, trained), (law, generated))
        return cls(law, *(WavesGivenOrder.measure(measure, *pair) for pair in pairs))

    def to(self, device: torch.device | str) -> "Closing":
        """Copy to `device`."""
        return Closing.from_tensors({name: value.to(device) for name, value in self.tensors().items()})

    def tensors(self) -> dict[str, Tensor]:
        """All tensors, for safetensors."""
        law = {
            "centres": self.law.centres,
            "weights": self.law.weights,
            "width": torch.tensor(self.law.width, dtype=torch.float64),
        }
        waves = {"trained": asdict(self.trained), "generated": asdict(self.generated)}
        return law | {f"{of}_{name}": value for of, part in waves.items() for name, value in part.items()}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> Self:
        """Invert `tensors`."""
        law = SymmetricMixture(tensors["centres"], tensors["weights"], float(tensors["width"]))
        waves = (
            WavesGivenOrder(*(tensors[f"{of}_{item.name}"] for item in fields(WavesGivenOrder)))
            for of in ("trained", "generated")
        )
        return cls(law, *waves)

    def __call__(self, measure: ModeMeasure, generated: Tensor) -> Tensor:
        """Map generated fields (N, *site_shape)."""
        modes = measure.transform(generated.double())
        latent = self.law.to_latent(modes[measure.origin].real, 0.0)
        zero = measure.zero_mode.from_latent(latent, 0.0)
        moved, _ = _moved(measure, modes, zero, order_of(latent), self.generated, self.trained)
        return measure.inverse(moved).to(generated.dtype)

    def inverse(self, measure: ModeMeasure, mapped: Tensor) -> tuple[Tensor, Tensor]:
        """Fields that are mapped to `mapped`, and log of the Jacobian of the map there, (N,) float64."""
        modes = measure.transform(mapped.double())
        zero = modes[measure.origin].real.clone()
        latent = measure.zero_mode.to_latent(zero, 0.0)
        before = self.law.from_latent(latent, 0.0)
        moved, inverse = _moved(measure, modes, before, order_of(latent), self.trained, self.generated)
        stretch = self.law.latent_slope(before, 0.0).log() - measure.zero_mode.latent_slope(zero, 0.0).log()
        return measure.inverse(moved).to(mapped.dtype), stretch - inverse


def _moved(
    measure: ModeMeasure,
    modes: Tensor,
    zero: Tensor,
    order: Tensor,
    one: WavesGivenOrder,
    two: WavesGivenOrder,
) -> tuple[Tensor, Tensor]:
    """Modes (N, *half shape) as waves of `one` become those of `two`, and log of the Jacobian without the zero mode's, (N,).

    Arguments:
        zero: the zero mode that they get, (N,).
        order: hat functions of its |y|.
    """
    shells, levels = shells_of(measure), level_of(measure, modes)
    share, slope = one.share(order, levels)
    after = two.level(order, share)
    both = pairs_of(order, share)
    ratio = ((both @ two.powers) / (both @ one.powers)).clamp(*RANGE)
    ratio[:, 0], ratio[:, 1] = 1.0, (after - levels).exp()
    gain = ratio.sqrt()[:, shells]
    left = (modes - one.moved(measure, modes, order)) * gain * (shells > 1)
    moved = modes * ((shells == 1) * gain)
    moved[measure.origin] = zero.to(modes.dtype)
    for shell in range(2, CUBED + 1):
        moved = moved + left * (shells == shell) + two.moved(measure, moved, order, shell)
    moved = moved + left * (shells > CUBED)
    jacobian = (gain.log() * multiplicity(measure)).flatten(1).sum(1)
    return moved, jacobian + slope.log() - two.share(order, after)[1].log()
