r"""The long waves of a field given its zero mode, as far as a last map makes them those of training fields.

With y the standard normal variable of the zero mode's quantile and u that of the quantile of the lowest shell's power at
this |y|, they are: the law of that power at each |y|; of the next shells the part that is linear, at each |y|, in the cube
of all longer waves with the zero mode, at which a quartic interaction pulls; and the power of what is left of every shell at
each (|y|, u), as long waves leave less of the well to the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from emulant.transport.measures import ModeMeasure
from emulant.transport.order_parameter import SymmetricMixture

__all__ = [
    "CUBED",
    "WavesGivenOrder",
    "cubes_of",
    "level_of",
    "multiplicity",
    "order_of",
    "pairs_of",
    "shells_of",
]

KNOTS = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Values of |y| between which all is linear, and constant beyond the last, where one field in 22 is: polynomials of y^2
became negative between the samples."""
SHARES = (-1.5, 0.0, 1.5)
"""Values of u between which powers are linear, and constant beyond: a seventh of the fields on either side."""
CUBED = 5
"""The last shell that the cube of longer waves moves: at kappa_c of 32 x 32 a trained network is a fifth off in the second,
a tenth in the third, and within errors in the sixth."""
SCORES = torch.linspace(-2.0, 2.0, 9, dtype=torch.float64)
"""Normal scores of the tables of ln power, which is linear between them and beyond: at the outer ones a sample of 16,384 has
some 70 fields at each knot."""


@dataclass(frozen=True)
class WavesGivenOrder:
    """What was measured on fields.

    Attributes:
        lowest: mean power of the lowest shell, for each knot of |y|, (knots,) float64.
        quantiles: ln of its power over that at SCORES, for each knot, (knots, scores).
        cubes: coefficient of the cube of longer waves in each shell, for each knot, (knots, shells).
        powers: of what is left of each shell, over its mean power, for each pair of knots, (pairs, shells).
    """

    lowest: Tensor
    quantiles: Tensor
    cubes: Tensor
    powers: Tensor

    @classmethod
    def measure(cls, measure: ModeMeasure, law: SymmetricMixture, fields: Tensor) -> Self:
        """Measure them on fields (N, *site_shape) whose zero mode has this law."""
        parts = [
            (order_of(law.to_latent(modes[measure.origin].real, 0.0)), level_of(measure, modes))
            for modes in _modes(measure, fields)
        ]
        order, levels = (torch.cat(column) for column in zip(*parts, strict=True))
        lowest = _fitted(order, levels.exp()[:, None])[:, 0]
        quantiles = _quantiles(levels - (order @ lowest).log(), order)
        sizes = [len(part) for part, _ in parts]
        gram, overlap = 0.0, 0.0
        for modes, columns in zip(_modes(measure, fields), order.split(sizes), strict=True):
            cubes = cubes_of(measure, modes)
            squares, products = (_of_shells(measure, (cubes.conj() * part).real) for part in (cubes, modes))
            gram = gram + torch.einsum("ni,nj,ns->sij", columns, columns, squares)
            overlap = overlap + torch.einsum("ni,ns->si", columns, products)
        waves = cls(lowest, quantiles, _solved(gram, overlap), torch.zeros(0))
        both = pairs_of(order, waves.share(order, levels)[0])
        powers = [
            _of_shells(measure, (modes - waves.moved(measure, modes, columns)).abs().square() / measure.power)
            for modes, columns in zip(_modes(measure, fields), order.split(sizes), strict=True)
        ]
        size = _of_shells(measure, torch.ones_like(measure.power)[None])
        return cls(lowest, quantiles, waves.cubes, _fitted(both, torch.cat(powers) / size))

    def share(self, order: Tensor, levels: Tensor) -> tuple[Tensor, Tensor]:
        """U of ln power (N,) of the lowest shell at hat functions (N, knots), and its derivative."""
        table, scores = self._table(order), SCORES.to(levels)
        index = torch.searchsorted(table, levels[:, None].contiguous()).clamp(1, len(scores) - 1)
        low, high = table.gather(1, index - 1)[:, 0], table.gather(1, index)[:, 0]
        slope = (scores[1] - scores[0]) / (high - low)
        return scores[index[:, 0] - 1] + (levels - low) * slope, slope

    def level(self, order: Tensor, share: Tensor) -> Tensor:
        """Invert `share`."""
        table, scores = self._table(order), SCORES.to(share)
        index = torch.searchsorted(scores, share.contiguous()).clamp(1, len(scores) - 1)[:, None]
        low, high = table.gather(1, index - 1)[:, 0], table.gather(1, index)[:, 0]
        return low + (share - scores[index[:, 0] - 1]) / (scores[1] - scores[0]) * (high - low)

    def _table(self, order: Tensor) -> Tensor:
        """Ln power of the lowest shell at SCORES, (N, scores)."""
        return (order @ self.lowest).log()[:, None] + order @ self.quantiles

    def moved(self, measure: ModeMeasure, modes: Tensor, order: Tensor, shell: int | None = None) -> Tensor:
        """The part of modes (N, *half shape) that is linear in cubes of longer waves: of all shells, or of one."""
        gain = (order @ self.cubes)[:, shells_of(measure)]
        return (cubes_of(measure, modes) if shell is None else cube_of(measure, modes, shell)) * gain


def order_of(latent: Tensor) -> Tensor:
    """Hat functions of |y|, (N, knots)."""
    return _hats(latent.abs(), KNOTS)


def pairs_of(order: Tensor, share: Tensor) -> Tensor:
    """Products of the hat functions of |y|, (N, knots), with those of u (N,), (N, pairs)."""
    return (order[:, :, None] * _hats(share, SHARES)[:, None, :]).flatten(1)


def level_of(measure: ModeMeasure, modes: Tensor) -> Tensor:
    """Ln of the power of the lowest shell of modes (N, *half shape), (N,)."""
    power = modes.abs().double().square() * (multiplicity(measure) * (shells_of(measure) == 1))
    return power.flatten(1).sum(1).clamp_min(1e-300).log()


def cubes_of(measure: ModeMeasure, modes: Tensor) -> Tensor:
    """In each of the shells up to CUBED the cube of all longer waves, (N, *half shape)."""
    return sum(cube_of(measure, modes, shell) for shell in range(2, CUBED + 1))


def cube_of(measure: ModeMeasure, modes: Tensor, shell: int) -> Tensor:
    """The cube of all waves longer than a shell, with the zero mode, in the modes of the shell."""
    shells = shells_of(measure)
    longer = measure.inverse(modes * (shells < shell))
    return measure.transform(longer**3) * (shells == shell)


def shells_of(measure: ModeMeasure) -> Tensor:
    """Number of the shell of each mode, those of equal power as the lattice's symmetries make it, (*half shape)."""
    device = measure.power.device
    axes = [torch.fft.fftfreq(size, 1 / size, device=device).round() for size in measure.site_shape]
    axes[-1] = axes[-1][: measure.power.shape[-1]]
    square = sum(grid.square() for grid in torch.meshgrid(*axes, indexing="ij"))
    return torch.unique(square, return_inverse=True)[1]


def multiplicity(measure: ModeMeasure) -> Tensor:
    """How many real numbers of a field each mode of the half spectrum stands for, (*half shape) float64."""
    size = measure.site_shape[-1]
    count = torch.full_like(measure.power, 2.0)
    count[..., 0] = 1.0
    if size % 2 == 0:
        count[..., -1] = 1.0
    return count


def _fitted(columns: Tensor, values: Tensor) -> Tensor:
    """Least squares of values (N, shells) by columns (N, n), (n, shells).

    One more sample of the mean at each knot keeps it finite where no field is.
    """
    gram = columns.T @ columns + torch.eye(columns.shape[1], dtype=columns.dtype, device=columns.device)
    return torch.linalg.solve(gram, columns.T @ values + values.mean(0))


def _modes(measure: ModeMeasure, fields: Tensor) -> Iterator[Tensor]:
    """Modes of fields, some thousand at a time, in double precision."""
    return (measure.transform(part.double()) for part in fields.split(4096))


def _of_shells(measure: ModeMeasure, values: Tensor) -> Tensor:
    """Sums over the modes of each shell, (N, shells), of real functions of modes (N, *half shape)."""
    shells = shells_of(measure).flatten()
    sums = torch.zeros(len(values), int(shells.max()) + 1, dtype=torch.float64, device=shells.device)
    return sums.index_add(1, shells, (values.double() * multiplicity(measure)).flatten(1))


def _hats(values: Tensor, knots: tuple[float, ...]) -> Tensor:
    """Hat functions of values (N,), one for each of equidistant knots, (N, knots) float64; constant beyond the last."""
    places = torch.tensor(knots, dtype=torch.float64, device=values.device)
    inside = values.double().clamp(knots[0], knots[-1])
    return (1 - (inside[:, None] - places).abs() / (places[1] - places[0])).clamp_min(0.0)


def _quantiles(values: Tensor, weights: Tensor) -> Tensor:
    """Quantiles of values (N,) at SCORES under each column of weights (N, knots), (knots, scores)."""
    values, order = values.sort()
    weights = weights[order]
    rank = (weights.cumsum(0) - weights / 2) / weights.sum(0)
    wanted = torch.special.ndtr(SCORES.to(values)).expand(rank.shape[1], -1).contiguous()
    index = torch.searchsorted(rank.T.contiguous(), wanted).clamp(1, len(values) - 1)
    low, high = rank.T.gather(1, index - 1), rank.T.gather(1, index)
    part = ((wanted - low) / (high - low).clamp_min(1e-300)).clamp(0, 1)
    return values[index - 1] + part * (values[index] - values[index - 1])


def _solved(gram: Tensor, overlap: Tensor) -> Tensor:
    """Least squares of each shell, (knots, shells); zero where a shell has no cube."""
    size = gram.diagonal(dim1=1, dim2=2).sum(1)
    moved = size > 1e-9 * size.max()
    out = torch.zeros_like(overlap)
    out[moved] = torch.linalg.solve(gram[moved], overlap[moved])
    return out.T.contiguous()
