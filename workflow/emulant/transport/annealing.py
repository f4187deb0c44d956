r"""Annealed importance sampling from a Gaussian, with or without a learned transport between the levels.

At times 0 = t_0 < ... < t_n = 1 a field of exp(-S_k) is mapped by T_k, weighed, and moved by a kernel that leaves
exp(-S_{k+1}) alone (R. Neal, Stat. Comput. 11 (2001) 125; with maps, H. Wu, J. Köhler and F. Noé, arXiv:2002.06707):

.. math:: W = \sum_k \big[ S_{k+1}(T_k x_k) - S_k(x_k) - \ln|\det \partial T_k| \big] - \ln Z_0, \qquad
    \langle e^{-W} \rangle = Z

The same sum along paths that begin at fields of exp(-S) and run backwards has the law p_B(W) = p_F(W) e^{-W} / Z (Crooks).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from emulant.randomness.seeds import job_seed
from emulant.transport.gaussian_start import GaussianStart

__all__ = ["Annealing", "Path", "Transport", "levels_of", "untransported"]

Moves = Callable[[np.ndarray, float, int], np.ndarray]
"""Fields, t and seed -> fields moved by a kernel that leaves exp(-S_t) alone."""


class Transport(Protocol):
    """Invertible maps between neighbouring levels."""

    def forward(self, level: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """T of a level and ln |det dT|, (N,) float64."""

    def backward(self, level: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """The inverse of T and ln |det dT| where it ends, (N,) float64."""


class _Identity:
    """No transport."""

    def forward(self, level: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Leave the fields where they are."""
        return fields, fields.new_zeros(len(fields), dtype=torch.float64)

    backward = forward


untransported = _Identity()


class Path(NamedTuple):
    """Fields at the end of their paths.

    Attributes:
        fields: (N, *shape).
        work: of each level, (N, levels) float64; ln Z_0 is in none.
    """

    fields: Tensor
    work: Tensor


def levels_of(count: int, power: float = 1.0) -> list[float]:
    """Times t_k = (k / n)^power, k = 0 ... n."""
    return [(number / count) ** power for number in range(count + 1)]


@dataclass(frozen=True)
class Annealing:
    """Paths between the Gaussian and exp(-S).

    Attributes:
        start: the Gaussian.
        action: S of fields, (N,).
        moves: Markov moves at each t.
        times: t_0 = 0 ... t_n = 1.
        transport: between the levels.
    """

    start: GaussianStart
    action: Callable[[Tensor], Tensor]
    moves: Moves
    times: Sequence[float]
    transport: Transport = untransported

    def forward(self, fields: Tensor, seed: int) -> Path:
        """Anneal fields (N, *shape) of the Gaussian; the last move is at t = 1."""
        work = []
        energies = self._energies(fields)
        for level, (t, later) in enumerate(self._pairs()):
            before = _at(energies, t)
            fields, log_det = self.transport.forward(level, fields)
            work.append(_at(self._energies(fields), later) - before - log_det)
            fields = self.moved(fields, later, job_seed(seed, "level", str(level)))
            energies = self._energies(fields)
        return Path(fields, torch.stack(work, 1))

    def backward(self, fields: Tensor, seed: int) -> Path:
        """Run paths backwards from fields of exp(-S) to the Gaussian; the work is that of the path as forward."""
        work = []
        for level, (t, later) in reversed([*enumerate(self._pairs())]):
            fields = self.moved(fields, later, job_seed(seed, "level", str(level)))
            after = _at(self._energies(fields), later)
            fields, log_det = self.transport.backward(level, fields)
            work.append(after - _at(self._energies(fields), t) - log_det)
        return Path(fields, torch.stack(work[::-1], 1))

    def moved(self, fields: Tensor, t: float, seed: int) -> Tensor:
        """Make one Markov move at t."""
        return torch.from_numpy(self.moves(fields.cpu().numpy(), t, seed)).to(fields)

    def _energies(self, fields: Tensor) -> tuple[Tensor, Tensor]:
        """S_0 and S."""
        return self.start.action(fields), self.action(fields).double()

    def _pairs(self) -> list[tuple[float, float]]:
        return [*zip(self.times[:-1], self.times[1:], strict=True)]


def _at(energies: tuple[Tensor, Tensor], t: float) -> Tensor:
    """S_t."""
    return (1 - t) * energies[0] + t * energies[1]
