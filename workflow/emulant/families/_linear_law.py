"""The linear unfolding with its error: a Gaussian law of what was, given what is, sector by sector.

Ridge regression of standardised coordinates (A. Hoerl, R. Kennard, Technometrics 12 (1970) 55), its strength chosen for each
target by the errors of leaving one sample out, in closed form. These errors are the law's covariance.
"""

from typing import Self

import torch
from torch import Tensor, nn

from emulant.families._charge_sectors import EVEN, SEPARATION, Sectors

__all__ = ["LinearLaw", "targets_of"]

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Ridges in units of the number of samples, of standardised inputs: from none to all signal lost."""
NAMES = ("input_centre", "input_scale", "centre", "scale", "factor")


class LinearLaw(nn.Module):
    """Targets (8, N, columns) given inputs (8, N, size): N(response, factor^T factor), in units of the targets.

    Arguments:
        size: coordinates of an input in a sector.
        columns: of the targets in a sector.
    """

    input_centre: Tensor
    input_scale: Tensor
    centre: Tensor
    scale: Tensor
    factor: Tensor

    def __init__(self, size: int, columns: int) -> None:
        super().__init__()
        self.response = nn.Parameter(torch.zeros(8, size, columns))
        for name, width in zip(NAMES[:4], (size, size, columns, columns), strict=True):
            self.register_buffer(name, torch.zeros(8, 1, width))
        self.register_buffer("factor", torch.zeros(8, columns, columns))

    @classmethod
    def of(cls, inputs: Tensor, targets: Tensor) -> Self:
        """A law that knows the scales of its training samples and no response: targets vary as they do at any input."""
        law = cls(inputs.shape[-1], targets.shape[-1])
        law.input_centre, law.input_scale = map(Tensor.float, _standard(inputs))
        law.centre, law.scale = map(Tensor.float, _standard(targets))
        law.factor = _factor((targets - law.centre) / law.scale).float()
        return law

    @torch.no_grad()
    def fit(self, inputs: Tensor, targets: Tensor, width: int) -> Self:
        """Fit response and errors to samples: the first column, what others owe to it, and ridges of the rest.

        A ridge that suits the noise of a slice would take from it a signal that is small beside it, but common to all.

        Arguments:
            inputs: (8, N, size).
            targets: (8, N, columns).
            width: after the first column, every so many have a ridge of their own.
        """
        x = ((inputs - self.input_centre) / self.input_scale).double()
        y = ((targets - self.centre) / self.scale).double()
        for sector in range(len(x)):
            response, errors = _fitted(x[sector], y[sector], width)
            self.response[sector] = response.float()
            self.factor[sector] = _factor(errors[None])[0].float()
        return self

    def forward(self, inputs: Tensor) -> Tensor:
        """Compute the mean of targets, (8, N, columns)."""
        standard = (inputs - self.input_centre) / self.input_scale
        return self.centre + self.scale * (standard @ self.response)

    def spread(self, normal: Tensor) -> Tensor:
        """Turn standard normal variables (8, N, columns) into errors of the mean; the first column has the first alone."""
        return self.scale * (normal @ self.factor)

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Mean square of the errors over that of the targets."""
        return ((targets - self(inputs)) / self.scale).square().mean()


def targets_of(sectors: Sectors, separation: Tensor, slices: Tensor) -> Tensor:
    """Return columns (8, N, 1 + slices x size): f (N,) in its sector, then the coordinates of slices (N, slices, ...)."""
    coordinates = sectors.split(slices).flatten(2)
    first = coordinates.new_zeros(*coordinates.shape[:2], 1)
    first[SEPARATION, :, 0] = separation
    return torch.cat([first, coordinates], dim=2)


def _standard(values: Tensor) -> tuple[Tensor, Tensor]:
    """Mean of the even sector, zero by symmetry in others, and root mean square about it, at least a little."""
    centre = torch.zeros_like(values[:, :1]).double()
    centre[EVEN] = values[EVEN].double().mean(0, keepdim=True)
    scale = (values - centre).square().mean(1, keepdim=True).sqrt()
    # Columns that never vary, such as empty bins, have no scale of their own.
    return centre, torch.where(scale > 1e-9, scale, torch.ones_like(scale))


def _factor(errors: Tensor) -> Tensor:
    """A matrix (..., columns, columns) whose F^T F is the mean square of errors (..., N, columns), upper triangular."""
    triangle = torch.linalg.qr(errors.double() / errors.shape[-2] ** 0.5, mode="r").R
    square = triangle.new_zeros(*triangle.shape[:-2], triangle.shape[-1], triangle.shape[-1])
    square[..., : triangle.shape[-2], :] = triangle
    # The first variable moves the first column up.
    return square * torch.where(triangle[..., :1, :1] < 0, -1.0, 1.0)


def _fitted(x: Tensor, y: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Response (size, columns) and errors (N, columns) of a sector."""
    first, errors = _ridge(x, y[:, :1])
    # Of each sample it is the estimate that does not know it.
    estimate = y[:, :1] - errors
    square = estimate.square().sum()
    owed = estimate.T @ y[:, 1:] / square if square > 0 else torch.zeros_like(y[:1, 1:])
    rest = (y[:, 1:] - estimate @ owed).split(width, dim=1) if y.shape[1] > 1 else ()
    solved = [(first, errors), *(_ridge(x, block) for block in rest)]
    response, errors = (torch.cat(parts, 1) for parts in zip(*solved, strict=True))
    response[:, 1:] += first @ owed
    return response, errors


def _ridge(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Response and errors of leaving one sample out, at the strength whose errors are least."""
    u, s, v = torch.linalg.svd(x, full_matrices=False)
    projected, best = u.T @ y, None
    for strength in STRENGTHS:
        shrunk = s**2 / (s**2 + strength * len(x))
        leverage = u.square() @ shrunk
        errors = (y - u @ (shrunk[:, None] * projected)) / (1 - leverage)[:, None]
        total = float(errors.square().sum())
        if best is None or total < best[0]:
            inverse = s / (s**2 + strength * len(x))
            best = (total, v.T @ (inverse[:, None] * projected), errors)
    return best[1:]
