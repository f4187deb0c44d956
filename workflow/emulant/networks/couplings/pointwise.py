"""One function for the field at every site, and one for its mean alone."""

import math
from collections.abc import Callable

from torch import Tensor, nn

from emulant.networks.couplings.chain import Moved, sum_of_sites
from emulant.networks.couplings.spline import OddSpline

__all__ = ["SiteLayer", "ZeroModeLayer"]


class SiteLayer(nn.Module):
    """The same odd monotone function at every site.

    Arguments:
        volume: number of sites.
        spline: the function.
    """

    def __init__(self, volume: int, spline: OddSpline) -> None:
        super().__init__()
        self.volume, self.spline = volume, spline

    @property
    def operations(self) -> float:
        """Floating-point operations for one field, roughly."""
        return self.volume * self.spline.operations

    def forward(self, fields: Tensor) -> Moved:
        """Map fields (N, *shape)."""
        moved, log_slope = self.spline(fields)
        return Moved(moved, sum_of_sites(log_slope))

    def inverse(self, fields: Tensor) -> Moved:
        """Map fields (N, *shape) back."""
        moved, log_slope = self.spline.inverse(fields)
        return Moved(moved, sum_of_sites(log_slope))


class ZeroModeLayer(nn.Module):
    r"""An odd monotone function of the zero mode :math:`V^{-1/2} \sum_x \phi_x`; all other modes stay as they are.

    Arguments:
        volume: number of sites.
        spline: the function.
    """

    def __init__(self, volume: int, spline: OddSpline) -> None:
        super().__init__()
        self.volume, self.spline = volume, spline

    @property
    def operations(self) -> float:
        """Floating-point operations for one field, roughly."""
        return 2 * self.volume + self.spline.operations

    def forward(self, fields: Tensor) -> Moved:
        """Map fields (N, *shape)."""
        return self._moved(fields, self.spline)

    def inverse(self, fields: Tensor) -> Moved:
        """Map fields (N, *shape) back."""
        return self._moved(fields, self.spline.inverse)

    def _moved(self, fields: Tensor, function: Callable[[Tensor], tuple[Tensor, Tensor]]) -> Moved:
        """The mode is an orthonormal coordinate: the slope of its function is the determinant."""
        mode = fields.flatten(1).sum(1) / math.sqrt(self.volume)
        moved, log_slope = function(mode)
        shift = (moved - mode) / math.sqrt(self.volume)
        return Moved(fields + shift.reshape(-1, *[1] * (fields.ndim - 1)), log_slope.double())
