"""Spectra as a few complex numbers of each harmonic: Fourier modes of their logarithm, in principal components.

ln S(p_T, phi) = sum_n a_n(p_T) e^(-i n phi) has modes that turn by e^(i n alpha) with the event, and its exponential is
positive whatever they are. Modes of all species and nodes are one vector, in which each entry counts by the root of the
yield at that node, so that what few particles say is not learned at the cost of what many do.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["LogHarmonics"]

HARMONICS = 6
"""Highest Fourier mode, or the one below the grid's highest: with it N, [p_T], V_2 and V_3 of hydrodynamics are exact to
0.01 %, V_4 and V_5 to 0.3 and 2 %."""
COMPONENTS = (8, 5, 6, 6, 6, 6, 6)
"""Principal components of each harmonic; what they leave is 10^-3 of its variance at most."""
FLOOR = 1e-3
"""Part of its mean over azimuth below which a spectrum is not followed: shear corrections make it negative at high p_T."""


class LogHarmonics:
    """A map from spectra (N, species, nodes, angles) to coefficients and back; float64 inside.

    Arguments:
        mean: of a_0 over events, (species, nodes).
        weight: of each species and node, (species, nodes), squares sum to 1.
        bases: orthonormal real components of each harmonic, (species * nodes, components).
        angles: of a spectrum.
    """

    def __init__(self, mean: Tensor, weight: Tensor, bases: Sequence[Tensor], angles: int) -> None:
        self.mean, self.weight, self.bases, self.angles = mean, weight, list(bases), angles

    @classmethod
    def fitted(cls, spectra: Tensor, measure: Tensor) -> "LogHarmonics":
        """Find the components of training spectra.

        Arguments:
            spectra: (N, species, nodes, angles).
            measure: p_T dp_T of each node, (nodes,).
        """
        modes = _modes(spectra.double())
        weight = (spectra.double().mean(dim=(0, 3)) * measure).sqrt()
        weight = weight / weight.square().sum().sqrt()
        mean = modes[..., 0].real.mean(dim=0)
        bases = []
        for n, count in enumerate(COMPONENTS[: modes.shape[-1]]):
            rows = (modes[..., n] - mean * (n == 0)) * weight
            flat = torch.view_as_real(rows.flatten(1))
            spread = torch.einsum("eik,ejk->ij", flat, flat)
            bases.append(torch.linalg.eigh(spread).eigenvectors.flip(1)[:, :count].contiguous())
        return cls(mean, weight, bases, spectra.shape[-1])

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> "LogHarmonics":
        """Take what `tensors` returned out of the tensors of a file."""
        mean, weight, angles = (tensors.pop(f"spectra.{name}") for name in ("mean", "weight", "angles"))
        names = sorted(name for name in tensors if name.startswith("spectra.basis"))
        return cls(mean, weight, [tensors.pop(name) for name in names], int(angles))

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `from_tensors` needs."""
        bases = {f"spectra.basis{n}": basis for n, basis in enumerate(self.bases)}
        angles = torch.tensor(self.angles)
        return {"spectra.mean": self.mean, "spectra.weight": self.weight, "spectra.angles": angles} | bases

    def to(self, device: torch.device | str) -> "LogHarmonics":
        """The same map on another device."""
        bases = [basis.to(device) for basis in self.bases]
        return LogHarmonics(self.mean.to(device), self.weight.to(device), bases, self.angles)

    def coefficients(self, spectra: Tensor) -> list[Tensor]:
        """Coefficients of each harmonic, (N, components), the first real, others complex."""
        modes = _modes(spectra.double())
        rows = ((modes[..., n] - self.mean * (n == 0)) * self.weight for n in range(len(self.bases)))
        values = [row.flatten(1) @ basis.to(row.dtype) for row, basis in zip(rows, self.bases, strict=True)]
        return [values[0].real, *values[1:]]

    def spectra(self, coefficients: Sequence[Tensor]) -> Tensor:
        """Spectra (N, species, nodes, angles) of coefficients, positive."""
        phi = (
            2
            * torch.pi
            * torch.arange(self.angles, device=self.mean.device, dtype=torch.float64)
            / self.angles
        )
        logarithm = 0.0
        for n, (values, basis) in enumerate(zip(coefficients, self.bases, strict=True)):
            modes = (values.to(torch.complex128) @ basis.T.to(torch.complex128)).unflatten(1, self.mean.shape)
            modes = modes / self.weight + self.mean * (n == 0)
            wave = torch.exp(-1j * n * phi) * (1 if n == 0 else 2)
            logarithm = logarithm + (modes[..., None] * wave).real
        return logarithm.exp()


def _modes(spectra: Tensor) -> Tensor:
    """a_n of the logarithm, (N, species, nodes, n) complex."""
    least = FLOOR * spectra.mean(dim=-1, keepdim=True).clamp(min=1e-30)
    last = min(HARMONICS, spectra.shape[-1] // 2 - 1)
    return torch.fft.ifft(torch.maximum(spectra, least).log(), dim=-1)[..., : last + 1]
