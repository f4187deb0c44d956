r"""Paths of Langevin steps from a Gaussian to exp(-S), with a backward kernel of their own, and their work.

Forward and backward steps have drifts of their own and the same noise n_k (F. Vargas et al., arXiv:2307.01050). With f_k and
b_k the mean displacements of one step,

.. math:: x_{k+1} = x_k + f_k(x_k) + n_k \xi, \qquad x_k = x_{k+1} + b_{k+1}(x_{k+1}) + n_k \xi,

.. math:: W = \ln\frac{P_F}{\tilde Q_B} = \ln q_0(x_0) + S(x_n) + \sum_k \frac{|x_k - x_{k+1} - b_{k+1}|^2
    - |x_{k+1} - x_k - f_k|^2}{2 n_k^2}, \qquad \langle e^{-W} \rangle = Z,

whatever the drifts are: Sigma = W + ln Z has <exp(-Sigma)> = 1, <Sigma> = KL(P_F || Q_B) >= 0, and the same sum along
paths that begin at fields of exp(-S) and run backwards has the law p_B(W) = p_F(W) exp(-W) / Z. Reversible steps have
f = -n^2 grad S / 2 = b, and then W says only what the change of S and the length of the steps cost.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from emulant.randomness.seeds import job_seed
from emulant.transport.annealing import Path
from emulant.transport.gaussian_start import GaussianStart

__all__ = ["Drifts", "LangevinPaths", "Step"]

Move = Callable[[Tensor, torch.Generator], Tensor]
"""A map of a batch that leaves every S_t alone and commutes with the drifts."""


class Drifts(Protocol):
    """Kernels of all steps; node k is the time t_k."""

    def displacements(self, node: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Mean displacements f of the step ahead and b of the step back from a node, the shape of `fields` each.

        Neither the step ahead of the last node nor the one back from the first is used.
        """

    def noise(self, level: int) -> Tensor:
        """Standard deviation n of the noise of the steps between node `level` and the next, a positive scalar."""


class Step(NamedTuple):
    """What a step leaves.

    Attributes:
        fields: where it ends, (N, *shape).
        work: of this step, (N,) float64.
    """

    fields: Tensor
    work: Tensor


class _Node(NamedTuple):
    """Fields at a node, their displacements and S_t."""

    fields: Tensor
    ahead: Tensor
    back: Tensor
    energy: Tensor


@dataclass(frozen=True)
class LangevinPaths:
    """Paths between the Gaussian and exp(-S).

    The work of step k is S_{k+1}(x_{k+1}) - S_k(x_k) + ln F/B, S_t = (1 - t) S_0 + t S, float64; their sum is W + ln Z_0.

    Attributes:
        start: the Gaussian.
        action: S of fields, (N,).
        drifts: kernels of the steps.
        times: t_0 = 0 ... t_n = 1.
        symmetries: moves by chance after every step. They cancel in W where kernels commute with them and only there.
    """

    start: GaussianStart
    action: Callable[[Tensor], Tensor]
    drifts: Drifts
    times: Sequence[float]
    symmetries: Sequence[Move] = ()

    def forward(self, fields: Tensor, seed: int) -> Path:
        """Walk from fields (N, *shape) of the Gaussian to the action."""
        return _path(self.ahead(fields, _generator(fields, seed)))

    def backward(self, fields: Tensor, seed: int) -> Path:
        """Walk back from fields of exp(-S) to the Gaussian; the work is that of the path as forward."""
        path = _path(self.back(fields, _generator(fields, seed)))
        return Path(path.fields, path.work.flip(1))

    def ahead(self, fields: Tensor, generator: torch.Generator) -> Iterator[Step]:
        """Walk from node to node, with gradients where they are asked for."""
        here = self._node(0, fields)
        for level in range(self.levels):
            later = self._later(level, here, generator)
            yield Step(later.fields, self._work(level, here, later))
            here = self._moved(level + 1, later, generator)

    def back(self, fields: Tensor, generator: torch.Generator) -> Iterator[Step]:
        """Walk from the last node to the first."""
        here = self._node(self.levels, fields)
        for level in reversed(range(self.levels)):
            earlier = self._node(level, here.fields + here.back + self._noise(level, fields, generator))
            yield Step(earlier.fields, self._work(level, earlier, here))
            here = self._moved(level, earlier, generator)

    def step(self, level: int, fields: Tensor, generator: torch.Generator) -> Step:
        """Make the one step ahead from node `level`."""
        here = self._node(level, fields)
        later = self._later(level, here, generator)
        return Step(later.fields, self._work(level, here, later))

    def work_along(self, states: Sequence[Tensor]) -> Tensor:
        """Work of each step of paths that any sampler left, (N, levels) float64; `states` are the fields at all nodes."""
        here, work = self._node(0, states[0]), []
        for level in range(self.levels):
            later = self._node(level + 1, states[level + 1])
            work.append(self._work(level, here, later))
            here = later
        return torch.stack(work, 1)

    @property
    def levels(self) -> int:
        """Number of steps."""
        return len(self.times) - 1

    def _node(self, node: int, fields: Tensor) -> _Node:
        ahead, back = self.drifts.displacements(node, fields)
        return _Node(fields, ahead, back, self.start.on_path(self.action, self.times[node])(fields).double())

    def _later(self, level: int, here: _Node, generator: torch.Generator) -> _Node:
        return self._node(level + 1, here.fields + here.ahead + self._noise(level, here.fields, generator))

    def _noise(self, level: int, fields: Tensor, generator: torch.Generator) -> Tensor:
        # In double precision where fields are, drawn alike: tests and trainings see the same numbers.
        white = torch.randn(fields.shape, generator=generator, device=fields.device)
        return self.drifts.noise(level) * white.to(fields.dtype)

    def _work(self, level: int, here: _Node, later: _Node) -> Tensor:
        """Work of a step; differences of fields are in their precision, sums over sites in float64."""
        displacement = later.fields - here.fields
        squares = _square(displacement + later.back) - _square(displacement - here.ahead)
        return later.energy - here.energy + squares / (2 * self.drifts.noise(level).double() ** 2)

    def _moved(self, number: int, node: _Node, generator: torch.Generator) -> _Node:
        """Move the fields of a node by chance."""
        fields = node.fields
        for move in self.symmetries:
            fields = move(fields, generator)
        return self._node(number, fields) if self.symmetries else node


def _square(residual: Tensor) -> Tensor:
    """Sum of squares over the sites, (N,) float64."""
    return residual.double().square().flatten(1).sum(1)


def _generator(fields: Tensor, seed: int) -> torch.Generator:
    # A name of their own, so that the noise is not that of the fields where both come by one seed.
    return torch.Generator(fields.device).manual_seed(job_seed(seed, "noise"))


def _path(steps: Iterator[Step]) -> Path:
    """Fields at the end and the work of all steps; fields on the way are forgotten."""
    work = []
    for step in steps:
        work.append(step.work)
    return Path(step.fields, torch.stack(work, 1))
