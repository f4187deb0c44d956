"""Multipoles of densities in a plane, which turn with them, and scalars, which do not.

About the centre of a density s, with s^a as weight and R the root of its mean r^2:
M_n = -sum s^a r^(2j) z^n / (sum s^a R^(n+2j)), z = x + i y. A rotation by alpha multiplies M_n by e^(i n alpha), a mirror
conjugates it, a shift does nothing; quarter turns and mirrors of the grid do so exactly.
"""

import torch
from torch import Tensor

__all__ = ["HIGHEST", "Multipoles", "raw_multipoles"]

POWERS = (1.0, 0.5, 2.0)
"""Of the density: entropy itself, its rim, and its hot middle."""
SCALARS = 3
"""Of each power: ln of the integral, ln of R, and <r^4> / R^4."""
RADIAL, HIGHEST = 3, 6
"""Powers of r^2 beside z^n, and the highest n, that of the highest harmonic of a spectrum that is learned."""


def raw_multipoles(densities: Tensor, spacing: float) -> tuple[Tensor, Tensor]:
    """Compute multipoles (N, HIGHEST + 1, powers * RADIAL), complex, and scalars (N, ...), float64.

    Scalars are ln of the integrals and of R for each power, and <r^4> / R^4.

    Arguments:
        densities: (N, n, n), axes x and y.
        spacing: of the grid.
    """
    densities = densities.double()
    count = densities.shape[-1]
    axis = (torch.arange(count, dtype=torch.float64, device=densities.device) - 0.5 * (count - 1)) * spacing
    plane = axis[:, None] + 1j * axis
    total = densities.sum(dim=(1, 2))
    centre = (densities * plane).sum(dim=(1, 2)) / total
    z = plane - centre[:, None, None]
    square, columns, scalars = z.abs().square(), [], []
    for power in POWERS:
        weight = densities**power
        norm = weight.sum(dim=(1, 2))
        # A spot in one cell has no size: that of the cell.
        radius = ((weight * square).sum(dim=(1, 2)) / norm).clamp(min=spacing**2).sqrt()
        scalars += [(norm * spacing**2).log(), radius.log()]
        scaled, size = z / radius[:, None, None], square / radius.square()[:, None, None]
        scalars.append((weight * size.square()).sum(dim=(1, 2)) / norm)
        for j in range(RADIAL):
            moments, term = [], weight * size**j / norm[:, None, None] + 0j
            for _ in range(HIGHEST + 1):
                moments.append(-term.sum(dim=(1, 2)))
                term = term * scaled
            columns.append(torch.stack(moments, dim=1))
    return torch.stack(columns, dim=-1), torch.stack(scalars, dim=1)


class Multipoles:
    """Multipoles and scalars in units of their scatter over training events.

    Arguments:
        spacing: of the grid.
        scale: root mean square of each multipole, (HIGHEST + 1, columns).
        mean, deviation: of scalars.
    """

    def __init__(self, spacing: float, scale: Tensor, mean: Tensor, deviation: Tensor) -> None:
        self.spacing, self.scale, self.mean, self.deviation = spacing, scale, mean, deviation

    @classmethod
    def fitted(cls, densities: Tensor, spacing: float) -> "Multipoles":
        """Measure the scatter over training events."""
        moments, scalars = raw_multipoles(densities, spacing)
        scale = moments.abs().square().mean(dim=0).sqrt()
        # About the centre the dipole of the density itself is zero but for rounding.
        scale = torch.where(scale > 1e-9, scale, torch.inf)
        deviation = scalars.std(dim=0)
        return cls(spacing, scale, scalars.mean(dim=0), torch.where(deviation > 1e-9, deviation, torch.inf))

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> "Multipoles":
        """Take what `tensors` returned out of the tensors of a file."""
        names = ("spacing", "scale", "mean", "deviation")
        spacing, *rest = (tensors.pop(f"density.{name}") for name in names)
        return cls(float(spacing), *rest)

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `from_tensors` needs."""
        spacing = torch.tensor(self.spacing, dtype=torch.float64)
        names = {"scale": self.scale, "mean": self.mean, "deviation": self.deviation, "spacing": spacing}
        return {f"density.{name}": tensor for name, tensor in names.items()}

    def to(self, device: torch.device | str) -> "Multipoles":
        """The same on another device."""
        return Multipoles(self.spacing, *(t.to(device) for t in (self.scale, self.mean, self.deviation)))

    def __call__(self, densities: Tensor) -> tuple[Tensor, Tensor]:
        """Return multipoles (N, HIGHEST + 1, columns) and scalars (N, ...)."""
        moments, scalars = raw_multipoles(densities, self.spacing)
        return moments / self.scale, (scalars - self.mean) / self.deviation
