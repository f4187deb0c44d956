"""Numbers of a density that turn like one harmonic of its spectrum, in the order of how much response they may have."""

from collections.abc import Sequence

import torch
from torch import Tensor

from emulant.families._multipoles import HIGHEST, RADIAL, SCALARS

__all__ = ["response_columns"]

SHAPES = 3
"""Leading scalars that products are multiplied with: ln of the entropy, of R, and <r^4> / R^4. With all nine, 3500 events
tell V_4 no better."""
LINEAR, CHANGING, PRODUCT, THIRD = 1.0, 0.3, 0.5, 0.05
"""Expected responses in units of the linear one: to multipoles, to their changes with size and shape, to products, to the
changes of products and to products of three. Orders of magnitude, as the strength of the penalty is cross-validated."""

LARGEST = 3.0
"""Deviations that multipoles saturate at, but for the linear one of the entropy itself, and <r^4> / R^4: those with high
powers of r follow single nucleons at the rim, more so in other collisions than in those of training, where products run
away. Entropy and size do not saturate: bounded ones make v_2 at b = 3 fm too small by 8 % after training at 7 fm."""


def response_columns(
    multiplied: int, moments: Tensor, scalars: Tensor, viscosity: Tensor, n: int
) -> tuple[Tensor, Tensor]:
    """Columns that harmonic n is linear in, (N, columns), and the expected size of each response, (columns,).

    Arguments:
        multiplied: leading columns of the multipoles that are multiplied with each other: three radial powers of the
            density, then three of its root, then three of its square.
        moments: multipoles (N, HIGHEST + 1, columns), complex.
        scalars: (N, ...).
        viscosity: polynomials of the condition, (N, orders).
        n: harmonic; its columns turn like M_n, those of 0 are real and do not turn.
    """
    bounded, scalars = _saturated(moments), _with_bounded_tails(scalars)
    base = bounded[:, :, :multiplied]
    parts = (
        _scalar_parts(bounded, base, scalars)
        if n == 0
        else _covariant_parts(bounded, base, scalars, moments, n)
    )
    orders = 0.5 ** torch.arange(viscosity.shape[1], dtype=torch.float64, device=viscosity.device)
    columns = [(part[:, :, None] * viscosity[:, None]).flatten(1) for part in parts]
    sizes = (LINEAR, CHANGING, PRODUCT, THIRD)
    expected = [size * orders.repeat(part.shape[1]) for size, part in zip(sizes, parts, strict=True)]
    return torch.cat(columns, dim=1), torch.cat(expected)


def _scalar_parts(moments: Tensor, base: Tensor, scalars: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """1 and scalars; products of two scalars; squares of multipoles n = 1 ... 4; the third order."""
    one, count = torch.ones_like(scalars[:, :1]), scalars.shape[1]
    first, second = torch.triu_indices(count, count, device=scalars.device)
    squares = moments[:, 1:5].abs().square().flatten(1)
    pairs = scalars[:, first] * scalars[:, second]
    return torch.cat([one, scalars], dim=1), pairs, squares, _third(squares, base, scalars, 0).real


def _covariant_parts(
    bounded: Tensor, base: Tensor, scalars: Tensor, moments: Tensor, n: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Multipoles M_n, the first one without a bound; their products with scalars; products of two; the third order."""
    linear = torch.cat([moments[:, n, :1], bounded[:, n, 1:]], dim=1)
    changing = (bounded[:, n, :, None] * scalars[:, None]).flatten(1)
    products = _products(base, n)
    return linear, changing, products, _third(products, base, scalars, n)


def _products(base: Tensor, n: int) -> Tensor:
    """All products M_a M_b with a + b = n and M_b M_a* with b - a = n, and M_n |M_2|^2, M_n |M_3|^2."""
    parts = [_times(base[:, a], base[:, n - a]) for a in range(1, n // 2 + 1)]
    parts += [_times(base[:, a + n], base[:, a].conj()) for a in range(1, HIGHEST - n + 1)]
    leading: Sequence[Tensor] = [base[:, m, :1].abs().square() for m in (2, 3)]
    return torch.cat(parts + [_times(base[:, n], square) for square in leading], dim=1)


def _third(products: Tensor, base: Tensor, scalars: Tensor, n: int) -> Tensor:
    """Products with leading scalars, and products of three multipoles, the first of each power of the density."""
    changes = (products[:, :, None] * scalars[:, None, :SHAPES]).flatten(1)
    return torch.cat([changes, _cubes(base[:, :, ::RADIAL], n)], dim=1)


def _cubes(base: Tensor, n: int) -> Tensor:
    """All M_a M_b M_c* with a + b - c = n, M_a M_b M_c with a + b + c = n, M_c M_a* M_b* with c - a - b = n."""
    parts = []
    for a in range(1, HIGHEST + 1):
        for b in range(a, HIGHEST + 1):
            pair = _times(base[:, a], base[:, b])
            if 1 <= a + b - n <= HIGHEST:
                parts.append(_times(pair, base[:, a + b - n].conj()))
            if b <= n - a - b:
                parts.append(_times(pair, base[:, n - a - b]))
            if n and n + a + b <= HIGHEST:
                parts.append(_times(pair.conj(), base[:, n + a + b]))
    return torch.cat(parts, dim=1)


def _with_bounded_tails(scalars: Tensor) -> Tensor:
    """Scalars of which <r^4> / R^4 of each power is bounded."""
    scalars = scalars.clone()
    scalars[:, SCALARS - 1 :: SCALARS] = _saturated(scalars[:, SCALARS - 1 :: SCALARS])
    return scalars


def _saturated(numbers: Tensor) -> Tensor:
    """Bound numbers by LARGEST and keep their phase or sign."""
    return numbers / (1 + numbers.abs().square() / LARGEST**2).sqrt()


def _times(one: Tensor, other: Tensor) -> Tensor:
    return (one[:, :, None] * other[:, None]).flatten(1)
