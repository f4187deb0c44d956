"""Spectra as a few complex numbers of each harmonic: yields and exponents of azimuth, in principal components.

At each p_T the distribution in azimuth is the one of largest entropy with the first Fourier modes of the spectrum,
exp(sum_n 2 Re a_n e^(-i n phi)) / Z: positive whatever the a_n are, which turn by e^(i n alpha) with the event, and with all
V_n up to that of the last exact. The modes of ln S itself, cut at the same n, make v_2 at 3 GeV too small by 2 % and v_3 by
9 %, as shear bends the logarithm there. ln of the yield at each p_T is a_0. All species and nodes are one vector, in which
each entry counts by the root of the yield at that node, so that what few particles say is not learned at the cost of what
many do.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["LogHarmonics"]

HARMONICS = 6
"""Highest Fourier mode, or the one below the grid's highest: one above what is measured."""
COMPONENTS = 24
"""Principal components of each harmonic. Spectra of few species lie so near to a space of few dimensions that 8 of n = 0 and
12 of others leave what 200 events tell from hydrodynamics (chi^2 of 127 for 8 bins of the spectrum); of 24 it is 0.1."""
FLOOR = 1e-3
"""Part of its mean over azimuth below which a spectrum is not followed: shear corrections make it negative at high p_T."""
PRECISION, MOST = 1e-7, 40
"""Largest error of a mode over the yield, and of Newton's steps, of which three or four are needed."""
LONGEST = 1.0
"""Norm of a step of Newton's method, beyond which it may leave where it converges."""
ROWS = 8192
"""Distributions at once: 10 MB of second derivatives."""


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
        modes = _exponents(spectra.double())
        weight = (spectra.double().mean(dim=(0, 3)) * measure).sqrt()
        weight = weight / weight.square().sum().sqrt()
        mean = modes[..., 0].real.mean(dim=0)
        bases = []
        for n in range(modes.shape[-1]):
            rows = (modes[..., n] - mean * (n == 0)) * weight
            flat = torch.view_as_real(rows.flatten(1))
            spread = torch.einsum("eik,ejk->ij", flat, flat)
            bases.append(torch.linalg.eigh(spread).eigenvectors.flip(1)[:, :COMPONENTS].contiguous())
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
        modes = _exponents(spectra.double())
        rows = ((modes[..., n] - self.mean * (n == 0)) * self.weight for n in range(len(self.bases)))
        values = [row.flatten(1) @ basis.to(row.dtype) for row, basis in zip(rows, self.bases, strict=True)]
        return [values[0].real, *values[1:]]

    def spectra(self, coefficients: Sequence[Tensor]) -> Tensor:
        """Spectra (N, species, nodes, angles) of coefficients, positive."""
        waves = _waves(self.angles, len(self.bases) - 1, self.mean)
        modes = [
            (values @ basis.T.to(values.dtype)).unflatten(1, self.mean.shape) / self.weight
            for values, basis in zip(coefficients, self.bases, strict=True)
        ]
        azimuthal = torch.softmax(_real(torch.stack(modes[1:], dim=-1)) @ waves.T, dim=-1)
        return (modes[0] + self.mean).exp()[..., None] * azimuthal * self.angles


def _exponents(spectra: Tensor) -> Tensor:
    """Ln of the mean over azimuth and a_1 ... of the exponent, (N, species, nodes, n) complex."""
    angles = spectra.shape[-1]
    last = min(HARMONICS, angles // 2 - 1)
    mean = spectra.mean(dim=-1, keepdim=True).clamp(min=1e-30)
    followed = (spectra / mean).clamp(min=FLOOR)
    rows = (followed / followed.sum(dim=-1, keepdim=True)).flatten(0, -2)
    start = _real(torch.fft.ifft(rows.log(), dim=-1)[:, 1 : last + 1])
    waves, parts = _waves(angles, last, rows), zip(rows.split(ROWS), start.split(ROWS), strict=True)
    exponents = torch.cat([_of_largest_entropy(*part, waves) for part in parts])
    halves = exponents.unflatten(1, (2, last)).unflatten(0, mean.shape[:-1]) / 2
    return torch.cat([mean.log() + 0j, torch.complex(halves[..., 0, :], halves[..., 1, :])], dim=-1)


def _of_largest_entropy(rows: Tensor, exponents: Tensor, waves: Tensor) -> Tensor:
    """Newton's method for exponents (R, 2 n) of the distributions with the modes of rows (R, angles): a convex problem."""
    wanted = rows @ waves
    products = (waves[:, :, None] * waves[:, None]).flatten(1)
    for _ in range(MOST):
        shares = torch.softmax(exponents @ waves.T, dim=1)
        modes = shares @ waves
        if (wanted - modes).abs().max() < PRECISION:
            break
        spread = (shares @ products).unflatten(1, (waves.shape[1],) * 2) - modes[:, :, None] * modes[:, None]
        step = torch.linalg.solve(spread, wanted - modes)
        exponents = exponents + step * (LONGEST / step.norm(dim=1, keepdim=True)).clamp(max=1)
    return exponents


def _waves(angles: int, last: int, like: Tensor) -> Tensor:
    """Cos and sin of n phi, (angles, 2 n), in the kind of another tensor."""
    phi = 2 * torch.pi * torch.arange(angles, dtype=torch.float64) / angles
    phases = phi[:, None] * torch.arange(1, last + 1)
    return torch.cat([phases.cos(), phases.sin()], dim=1).to(like)


def _real(modes: Tensor) -> Tensor:
    """Coefficients of cos and sin, (..., 2 n), of 2 Re a_n e^(-i n phi)."""
    return 2 * torch.cat([modes.real, modes.imag], dim=-1)
