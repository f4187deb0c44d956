"""The score of a distribution in the plane at every noise level: a Gaussian's, and what a network makes of the rest."""

import math
from abc import ABC, abstractmethod
from typing import Any, Self

import torch
from torch import Tensor

from emulant.families._family import ModelFamily
from emulant.families._planar_table import FINEST, LEVELS, START, levels
from emulant.networks.pointwise import OddPerceptron
from emulant.transport.measures import ModeMeasure
from emulant.transport.paths import path_from

__all__ = ["PlanarScore"]

BEYOND = 0.2
"""Width, over the table's reach, in which what the network is shown comes to a stop: not so soon that the energy
has an edge there, nor so late that the network is asked for what no sample has told it."""

SPAN = 12
"""Length of the range -6 ... 6 that the bumps of the embedding of noise cover (`networks.lattice`)."""


class PlanarScore(ModelFamily, ABC):
    r"""The score of u₀ + s z, u = (x, y) in units of their own standard deviations, on any of the paths.

    .. math:: \nabla \log p = -(C + s^2)^{-1} u + (1 + s^2)^{-1/2} (C + s^2)^{-1/2} n(v, s),
              \qquad v = (C + s^2)^{-1/2} u

    with C the correlation matrix and n learned. n is what a family makes of its network, less A(s) v: A is what the
    network's error has of a linear function at each noise level, measured after training. The change of second moments
    along the flow is then right, whatever the network misses.

    Farther out than any node of the table, in whatever direction that one lies, the network is shown v drawn in to that
    reach (`inside`): there the score goes on as a Gaussian's, and exp(-E) falls.

    Arguments:
        settings: the model block of the config: path, network, generation.
        deviation: standard deviations of x and y, (2,).
        correlation: C, (2, 2).
        linear: A at each level, (LEVELS, 2, 2), once it was measured.
        reach: of the table, once there was one.
    """

    site_shape = (2,)
    outputs = 2

    def __init__(
        self,
        settings: dict[str, Any],
        deviation: Tensor,
        correlation: Tensor,
        *,
        linear: Tensor | None = None,
        reach: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.settings, self.path = settings, path_from(settings["path"])
        powers, axes = torch.linalg.eigh(correlation.double())
        self.measure = ModeMeasure(torch.ones(2, dtype=torch.float64), self.site_shape)
        sizes = {key: settings["network"][key] for key in ("channels", "blocks", "embedding")}
        self.network = OddPerceptron(2, **sizes, outputs=self.outputs)
        buffers = {"deviation": deviation.double(), "correlation": correlation.double()}
        buffers |= {"powers": powers, "axes": axes}
        buffers["linear"] = torch.zeros(LEVELS, 2, 2, dtype=torch.float64) if linear is None else linear
        buffers["reach"] = torch.tensor(math.inf, dtype=torch.float64) if reach is None else reach
        for name, tensor in buffers.items():
            self.register_buffer(name, tensor, persistent=False)

    def place(self, device: torch.device | str) -> Self:
        """Move network and tensors to `device`."""
        self.measure = self.measure.to(device)
        return super().place(device)

    def field_unit(self) -> float:
        """The unit in which cumulants along the path are given: the root mean square of both components."""
        return float(self.deviation.square().mean().sqrt())

    @abstractmethod
    def correction(self, v: Tensor, noise: Tensor, *, train: bool = False) -> Tensor:
        """n(v, s), (N, 2); `train` keeps the graph."""

    def score(self, u: Tensor, t: float, *, train: bool = False) -> Tensor:
        """Gradient of log p_t at u (N, 2) on the path, in units of the deviations; `train` keeps the graph."""
        signal = float(self.path.signal(t))
        noise = torch.full((len(u),), float(self.path.ratio(t)), dtype=torch.float64, device=u.device)
        return self.score_of(u / signal, noise, train=train) / signal

    def score_of(self, u: Tensor, noise: Tensor, *, train: bool = False) -> Tensor:
        """Gradient of log p at u (N, 2), noise (N,), in units of the deviations; `train` keeps the graph."""
        root = self.whitening(noise).to(u.dtype)
        v = torch.einsum("nij,nj->ni", root, u)
        learned = self.correction(v, noise, train=train) / (1 + noise[:, None].to(u.dtype) ** 2).sqrt()
        return torch.einsum("nij,nj->ni", root, learned - v)

    def inside(self, v: Tensor) -> Tensor:
        """Return v (N, 2) itself within the table's reach R, farther out (smoothly) at most 1.2 R along its direction."""
        length, reach = v.norm(dim=1, keepdim=True), self.reach.to(v.dtype)
        excess = (length - reach).clamp_min(0)
        if not bool(excess.any()):
            return v
        width = BEYOND * reach
        return v * (reach + width * torch.tanh(excess / width)) / length.clamp_min(reach)

    def linear_at(self, noise: Tensor) -> Tensor:
        """A at noise (N,), linear in its logarithm between levels, (N, 2, 2)."""
        logs = levels().log().to(noise.device)
        cells = ((noise.double().log() - logs[0]) / (logs[1] - logs[0])).clamp(0, LEVELS - 1 - 1e-9)
        index = cells.long()
        left, right = self.linear[index], self.linear[index + 1]
        return left + (right - left) * (cells - index)[:, None, None]

    def position(self, noise: Tensor) -> Tensor:
        """What the network is told of the noise."""
        share = (noise.double() / FINEST).log() / math.log(START / FINEST)
        return (SPAN * share.clamp(0, 1) - SPAN / 2).float()

    def whitening(self, noise: Tensor) -> Tensor:
        """(C + s²)^{-1/2}, (N, 2, 2)."""
        return self._function((self.powers + noise.double()[:, None] ** 2).rsqrt())

    def _function(self, values: Tensor) -> Tensor:
        """The matrix function of C with these eigenvalues, (N, 2) -> (N, 2, 2)."""
        return torch.einsum("ik,nk,jk->nij", self.axes, values, self.axes)
