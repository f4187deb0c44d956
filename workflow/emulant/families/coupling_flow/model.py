"""A discrete normalizing flow from the Gaussian of the gap equation to exp(-S), trained on the action alone.

Gains of Fourier modes, an odd monotone function of every site, one of the zero mode, affine couplings of the two colours of
a checkerboard, and a last function of every site. It is odd in the field, has those symmetries of the lattice that keep the
colours, and is the Gaussian at first. Determinants are exact: no integrator, and no step size to check.
"""

import math

from emulant.families._normalizing_flow import NormalizingFlow
from emulant.networks.couplings.chain import Chain
from emulant.networks.couplings.checkerboard import AffineCoupling
from emulant.networks.couplings.conditioners import LatticeConditioner
from emulant.networks.couplings.pointwise import SiteLayer, ZeroModeLayer
from emulant.networks.couplings.spectral import SpectralLayer
from emulant.networks.couplings.spline import OddSpline

__all__ = ["Model"]


class Model(NormalizingFlow):
    """Samples of the flow with their log q; the Gaussian's deviations are the units of all functions."""

    def chain(self) -> Chain:
        """Build the layers."""
        settings, shape = self.settings, self.site_shape
        return Chain(
            [
                SpectralLayer(shape, settings["hats"], settings["shells"]),
                self._sites(),
                ZeroModeLayer(
                    math.prod(shape), OddSpline(**settings["zero_mode"], unit=self._deviation_of_mean)
                ),
                *(self._coupling(number % 2) for number in range(settings["couplings"])),
                self._sites(),
            ]
        )

    def _sites(self) -> SiteLayer:
        """A function of every site."""
        spline = OddSpline(**self.settings["sites"], unit=self._deviation)
        return SiteLayer(math.prod(self.site_shape), spline)

    def _coupling(self, parity: int) -> AffineCoupling:
        """A coupling that moves the sites of one colour."""
        conditioner = LatticeConditioner(self.site_shape, self.settings["widths"], self._deviation)
        return AffineCoupling(self.site_shape, parity, conditioner)

    @property
    def _deviation(self) -> float:
        """Of a site in the Gaussian."""
        return float((1 / self.start.inverse_power).mean().sqrt())

    @property
    def _deviation_of_mean(self) -> float:
        """Of the zero mode in the Gaussian."""
        return float(self.start.inverse_power.flatten()[0].rsqrt())
