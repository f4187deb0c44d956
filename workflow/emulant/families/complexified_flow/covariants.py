r"""What the velocity is linear in: fields of charge 1 and products of them, by the modes of their sites.

The law is that of a Gaussian and a quartic interaction, so the first order of perturbation theory is a cubic covariant of
fields with the Gaussian's covariance; the products with a density carry the order after that.
"""

import torch
from torch import Tensor

from emulant.families.complexified_flow.modes import to_modes
from emulant.families.complexified_flow.pair_law import PairLaw

__all__ = ["PARITIES", "covariants"]

LARGE = 16.0
"""Density in units of its mean beyond which cubic products grow like the fields; one site in e^16 is there."""

PARITIES = torch.tensor([1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1], dtype=torch.float64)
"""Of each covariant under the exchange of phi and chi with a reflection of time; the two modes themselves come first."""


def covariants(law: PairLaw, modes: Tensor) -> Tensor:
    """Compute covariants of modes of unit covariance (N, M, 2, *shape), (N, M, len(PARITIES), *shape).

    They are the modes; sums and differences of |phi|^2 phi and |chi|^2 chi, of phi^2 chi^* and chi^2 phi^*, of |chi|^2 phi
    and |phi|^2 chi; the first five of these times r = (|phi|^2 + |chi|^2)/2. Fields are in units of their root mean square,
    and products are divided by 1 + r/LARGE.
    """
    unit = _unit(law).to(modes.real.dtype)
    phi, chi = (field / unit for field in law.fields(modes))
    square, other, mixed = phi.abs() ** 2, chi.abs() ** 2, phi * chi.conj()
    pairs = (
        (square * phi, other * chi),
        (mixed * phi, mixed.conj() * chi),
        (other * phi, square * chi),
    )
    density = (square + other) / 2
    damping = 1 / (1 + density / LARGE)
    cubic = [damping * part for one, two in pairs for part in (one + two, one - two)]
    products = torch.stack([*cubic, *(damping * density * part for part in cubic[:5])], 2)
    return torch.cat([modes, to_modes(products, law.dimension)], 2)


def _unit(law: PairLaw) -> Tensor:
    """Root mean square of a field on a site at each chemical potential, (M, 1, ...)."""
    axes = tuple(range(1, law.dimension + 1))
    return (law.product.abs() + law.width).mean(axes, keepdim=True).sqrt()
