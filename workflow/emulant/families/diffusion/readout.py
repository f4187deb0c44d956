r"""The last layer of a network, fitted for each of the longest waves by themselves.

One wave is one of thousands in the loss, but near a critical point the longest decide what is seen. Hidden layers know more
of them than the last layer tells, whose weights all waves share: with e the error of the residual F, g its gain and a_c the
overlap of hidden channel c with a wave, :math:`e = g \sum_c w_c a_c` by least squares gives each shell of waves, at each
noise level, weights of its own on top.
"""

from collections.abc import Callable, Iterator
from typing import Self

import torch
from torch import Tensor

from emulant.families._least_squares import ridge
from emulant.families.diffusion.preconditioning import Preconditioning, reciprocal
from emulant.networks.lattice import OddLatticeNetwork
from emulant.transport.longest_waves import longest_waves

__all__ = ["Readout"]

BATCH = 128
"""Fields at a time, each used twice, which fit into the cache of a core at 32 x 32."""

Noisy = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class Readout:
    """Weights of the hidden channels in the longest waves, linear between noise levels and zero at zero noise.

    Arguments:
        variables: solver variables of the levels, rising from 0, (K,).
        weights: (K, shells, channels).
        site_shape: the lattice shape.
    """

    def __init__(self, variables: Tensor, weights: Tensor, site_shape: tuple[int, ...]) -> None:
        self.variables, self.weights, self.site_shape = variables, weights, site_shape
        waves, shell = longest_waves(site_shape, weights.shape[1])
        self.waves, self.shell = waves.to(weights.device, torch.float32), shell.to(weights.device)

    @classmethod
    def measure(
        cls,
        network: OddLatticeNetwork,
        base: Preconditioning,
        noisy: Noisy,
        fields: Tensor,
        levels: list[float],
        shells: int,
    ) -> Self:
        """Fit the weights on training fields, split among the noise levels.

        Arguments:
            network: n.
            base: the preconditioning.
            noisy: makes x = x_0 + s z and an unbiased target of E[x_0 | x] of fields x_0 and noise s.
            fields: x_0, (N, *site_shape).
            levels: noise levels, rising.
            shells: how many have weights.
        """
        waves = longest_waves(base.measure.site_shape, shells)[0].to(fields)
        parts = fields.tensor_split(len(levels))
        pairs = (_untold(network, base, noisy, *each, waves) for each in zip(parts, levels, strict=True))
        variables = [base.measure.solver_variable(s) for s in levels]
        return cls.fit(variables, pairs, shells, base.measure.site_shape).to(fields.device)

    @classmethod
    def fit(
        cls,
        variables: list[float],
        levels: Iterator[tuple[Tensor, Tensor]],
        shells: int,
        site_shape: tuple[int, ...],
    ) -> Self:
        """Fit the weights at each level; generalised cross-validation keeps them small where there is nothing to tell.

        Arguments:
            variables: solver variable of each level, rising.
            levels: at each level g a (N, channels, W), and e (N, W).
            shells: how many have weights.
            site_shape: the lattice shape.
        """
        shell = longest_waves(site_shape, shells)[1]
        rows = [_fitted(features.cpu().double(), error.cpu().double(), shell) for features, error in levels]
        weights = torch.stack([torch.zeros_like(rows[0]), *rows])
        return cls(torch.tensor([0.0, *variables], dtype=torch.float64), weights, tuple(site_shape))

    def tensors(self) -> dict[str, Tensor]:
        """Variables and weights, for safetensors."""
        return {"variables": self.variables, "weights": self.weights}

    def to(self, device: torch.device | str) -> "Readout":
        """Copy to `device`."""
        return Readout(self.variables.to(device), self.weights.to(device), self.site_shape)

    def __call__(self, amplitudes: Tensor, variables: Tensor) -> Tensor:
        """What the weights make of overlaps (N, channels, W) at solver variables (N,) or (1,), (N, *site_shape)."""
        index = torch.searchsorted(self.variables, variables.contiguous()).clamp(1, len(self.variables) - 1)
        left, right = self.variables[index - 1], self.variables[index]
        part = ((variables - left) / (right - left)).clamp(0, 1)[:, None, None]
        weights = torch.lerp(self.weights[index - 1], self.weights[index], part)[:, self.shell].transpose(
            1, 2
        )
        along = (amplitudes * weights.to(amplitudes.dtype)).sum(1)
        return (along @ self.waves.flatten(1).to(along.dtype)).reshape(-1, *self.site_shape)


def _untold(
    network: OddLatticeNetwork, base: Preconditioning, noisy: Noisy, fields: Tensor, s: float, waves: Tensor
) -> tuple[Tensor, Tensor]:
    """At noise s what hidden channels add to F in the waves, (N, channels, W), and what F lacks there, (N, W)."""
    overlaps, lacks = [], []
    deviation, gain = base.gains(fields.new_tensor([s], dtype=torch.float64))
    for part in fields.split(BATCH):
        x, target = noisy(part, part.new_full((len(part),), s, dtype=torch.float64))
        noise = x.new_full((len(x),), s, dtype=torch.float64)
        denoised = base.measure.denoise(x, noise)
        inputs = base.inputs(noise, denoised, base.measure.whitened(x, noise))
        output, overlap = network(*inputs, waves)
        wanted = base.measure.filtered(target - denoised, reciprocal(deviation))
        lack = wanted - base.measure.filtered(output, gain)
        overlaps.append(overlap)
        lacks.append(lack.flatten(1) @ waves.flatten(1).T)
    gains = (base.measure.filtered(waves, gain) * waves).flatten(1).sum(1)
    return torch.cat(overlaps) * gains, torch.cat(lacks)


def _fitted(features: Tensor, error: Tensor, shell: Tensor) -> Tensor:
    """Weights of one level, (shells, channels)."""
    rows = []
    for number in range(int(shell.max()) + 1):
        columns = features[:, :, shell == number].transpose(1, 2).flatten(0, 1)
        wanted = error[:, shell == number].flatten()[:, None]
        rows.append(ridge(columns, torch.ones(columns.shape[1], dtype=columns.dtype), wanted).weights[:, 0])
    return torch.stack(rows)
