"""What is measured of a fitted flow: its strength by the Schwinger-Dyson equation, and the covariance that it leaves."""

from collections.abc import Sequence

import torch
from torch import Tensor

from emulant.families.complexified_flow.covariants import PARITIES
from emulant.families.complexified_flow.modes import symmetrised
from emulant.families.complexified_flow.pair_law import PairLaw, free_inverse
from emulant.worldlines.action import BoseGas

__all__ = ["CALIBRATION", "calibrated", "mapped"]

CALIBRATION = 16384
"""Samples of the calibration: they tell the strength to 2 % and <|phi|^4> to 0.1 %, the error of 10^5 samples."""
STRENGTHS = (0.5, 1.5)
"""Of the velocity: a fit that is further off is none of this interaction, and the verdict says so."""


def calibrated(
    law: PairLaw, gases: Sequence[BoseGas], pairs: Sequence[tuple[Tensor, Tensor]]
) -> tuple[Tensor, Tensor]:
    """Strengths (M,) of the velocity, and maps (M, *shape, 2, 2) that make the covariance of each mode 1.

    What differs from the covariance of the same latents is averaged over the symmetries: noise is a tenth of that of a
    covariance of so many samples. Both change in proportion to the strength, as far as it is from 1.

    Arguments:
        law: the Gaussians.
        gases: the actions.
        pairs: latents and where the flow of strength 1 moves them, (N, M, 2, *shape) each.
    """
    even, dimension, count = PARITIES[:2], law.dimension, sum(len(old) for old, _ in pairs)
    total = sum(_squares(new) - _squares(old) for old, new in pairs)
    changes = torch.stack([symmetrised(one / count, even, even, dimension) for one in total])
    maps = _whitening(changes)
    fallen = sum(_fourth(law, old) - _fourth(law, mapped(maps, new)) for old, new in pairs) / count
    missing = torch.stack([_missing(*pair) for pair in zip(gases, law.product, strict=True)])
    strengths = (missing / fallen).clamp(*STRENGTHS).nan_to_num(1.0)
    return strengths.float(), _whitening(changes * strengths.reshape(-1, *[1] * (dimension + 2)))


def mapped(maps: Tensor, modes: Tensor) -> Tensor:
    """Apply maps (M, *shape, 2, 2) to modes (N, M, 2, *shape)."""
    return torch.einsum("m...oi,nmi...->nmo...", maps, modes)


def _fourth(law: PairLaw, modes: Tensor) -> Tensor:
    """Sum the mean of |phi|^4 over sites over samples, (M,) float64."""
    phi, chi = law.fields(modes)
    return (phi * chi.conj()).square().real.double().flatten(2).mean(2).sum(0)


def _missing(gas: BoseGas, product: Tensor) -> Tensor:
    """By how much <|phi|^4> is below that of the Gaussian, from the Schwinger-Dyson equation."""
    energy = 1 / product - free_inverse(gas).to(product.device)
    return 2 * product.mean().real ** 2 - (energy * product).mean().real / (2 * gas.coupling)


def _squares(modes: Tensor) -> Tensor:
    """Sum x x^* of modes (N, M, 2, *shape) over samples, (M, *shape, 2, 2)."""
    modes = modes.to(torch.complex128)
    return torch.einsum("nmi...,nmj...->m...ij", modes, modes.conj())


def _whitening(changes: Tensor) -> Tensor:
    """Invert the root of 1 + changes of covariances (..., 2, 2), complex64."""
    values, vectors = torch.linalg.eigh(torch.eye(2, device=changes.device) + changes)
    roots = values.rsqrt().to(vectors.dtype)[..., None, :]
    return ((vectors * roots) @ vectors.mH).to(torch.complex64)
