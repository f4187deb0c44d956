r"""A learned gain of every Fourier mode: :math:`\phi_k \to e^{g(k)} \phi_k` with :math:`\ln\det = \sum_k g(k)`."""

import math

import torch
from torch import Tensor, nn

from emulant.networks.couplings.chain import Moved
from emulant.networks.ridges.momenta import basis, half_weights

__all__ = ["SpectralLayer"]


class SpectralLayer(nn.Module):
    """Gains that depend on the lattice momentum squared and the zero mode alone, 1 at first.

    It commutes with all translations, reflections and exchanges of axes, and its weights mean the same on any lattice.

    Arguments:
        shape: of the lattice.
        hats, shells: of the basis of g (`ridges.momenta.basis`).
    """

    basis: Tensor
    counts: Tensor

    def __init__(self, shape: tuple[int, ...], hats: int, shells: int) -> None:
        super().__init__()
        self.shape, self.dims = shape, tuple(range(-len(shape), 0))
        functions = basis(shape, hats, shells)
        self.log_gains = nn.Parameter(torch.zeros(len(functions)))
        self.register_buffer("basis", functions, persistent=False)
        # A copy: its rows share memory, into which what shares a training between processes cannot write.
        self.register_buffer("counts", half_weights(shape).clone(), persistent=False)

    @property
    def operations(self) -> float:
        """Floating-point operations for one field, roughly: 2.5 V log2 V each transform."""
        volume = math.prod(self.shape)
        return volume * (5 * math.log2(volume) + 2)

    def forward(self, fields: Tensor) -> Moved:
        """Multiply the modes of fields (N, *shape) by their gains."""
        return self._filtered(fields, self._exponents())

    def inverse(self, fields: Tensor) -> Moved:
        """Divide the modes of fields (N, *shape) by their gains."""
        return self._filtered(fields, -self._exponents())

    def _exponents(self) -> Tensor:
        """g(k) in `rfftn` layout, float64."""
        return torch.tensordot(self.log_gains.double(), self.basis, 1)

    def _filtered(self, fields: Tensor, exponents: Tensor) -> Moved:
        modes = torch.fft.rfftn(fields, dim=self.dims) * exponents.exp().to(fields.dtype)
        log_det = (self.counts * exponents).sum()
        return Moved(torch.fft.irfftn(modes, s=self.shape, dim=self.dims), log_det.expand(len(fields)))
