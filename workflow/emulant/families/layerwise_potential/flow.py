r"""The probability flow of the fitted potentials, and the action that they are.

In the whitened field w = (C + tau)^{-1/2} phi the flow dphi/dtau = grad S / 2 has no Gaussian part,

.. math:: \frac{dw}{d\tau} = \tfrac12 (C + \tau)^{-1/2} G\, \partial_y U, \qquad
    \frac{d \ln q(w)}{d\tau} = -\tfrac12 \mathrm{tr}\, G^2 \partial_y^2 U

so that a free field needs no step. Steps are those of the classical Runge-Kutta method in u = ln(1 + tau / tau_0): log q
errs by O(h^4) from that of the map.
"""

import math

from torch import Tensor

from emulant.families.layerwise_potential.layers import Layers
from emulant.families.layerwise_potential.operators import Operators
from emulant.transport.equations.jets import ScalarJet, dot

__all__ = ["PotentialFlow"]


class PotentialFlow:
    """Maps between white noise at the last layer and fields.

    Arguments:
        operators: of the potential.
        layers: their coefficients.
    """

    def __init__(self, operators: Operators, layers: Layers) -> None:
        self.operators, self.layers = operators, layers

    def fields_of(self, latents: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """Move white noise (N, *shape) float64 to fields; returns them and log q, (N,)."""
        w, change = self._integrated(latents, steps, self.layers.deepest, 0.0)
        fields = self.operators.filtered(w, self.operators.power.sqrt())
        return fields, self._log_normal(latents) + change - self._log_volume()

    def log_density(self, fields: Tensor, steps: int) -> Tensor:
        """Compute log q of fields (N, *shape) float64, (N,)."""
        w = self.operators.filtered(fields, self.operators.power.rsqrt())
        latents, change = self._integrated(w, steps, 0.0, self.layers.deepest)
        return self._log_normal(latents) - change - self._log_volume()

    def jet(self, fields: Tensor, depth: float) -> ScalarJet:
        """Derivatives of S_tau up to its normaliser at fields (N, *shape) typical of tau."""
        operators, tau = self.operators, self.layers.time(depth)
        gain, inverse = operators.gain(tau), 1 / (operators.power + tau)
        part = operators.evaluate(operators.filtered(fields, gain), self.layers(depth), tau)
        smooth, pull = operators.filtered(fields, inverse), operators.filtered(part.force, gain)
        gaussian = (operators.multiplicity * inverse).sum()
        slope = (
            0.5 * (gaussian - dot(smooth, smooth)) + part.values @ self.layers.rate(depth) - dot(pull, smooth)
        )
        return ScalarJet(slope, smooth + pull, gaussian + part.traces @ self.layers(depth))

    def _integrated(self, w: Tensor, steps: int, first: float, last: float) -> tuple[Tensor, Tensor]:
        """Move whitened fields between two depths; returns them and the change of log q."""
        step, change = (last - first) / steps, w.new_zeros(len(w))
        for number in range(steps):
            depth = first + number * step
            one, grown = self._rate(w, depth)
            two, second = self._rate(w + 0.5 * step * one, depth + 0.5 * step)
            three, third = self._rate(w + 0.5 * step * two, depth + 0.5 * step)
            four, fourth = self._rate(w + step * three, max(0.0, depth + step))
            w = w + step / 6 * (one + 2 * (two + three) + four)
            change = change + step / 6 * (grown + 2 * (second + third) + fourth)
        return w, change

    def _rate(self, w: Tensor, depth: float) -> tuple[Tensor, Tensor]:
        """Derivatives of w and of log q in u."""
        operators, tau = self.operators, self.layers.time(depth)
        spread, theta = (operators.power + tau).sqrt(), self.layers(depth)
        part = operators.evaluate(operators.filtered(w, operators.power / spread), theta, tau)
        half = 0.5 * (tau + self.layers.softening)
        pull = operators.filtered(part.force, operators.power / spread**3)
        return half * pull, -half * (part.traces @ theta)

    def _log_normal(self, latents: Tensor) -> Tensor:
        """Log density of white noise."""
        return -0.5 * dot(latents, latents) - 0.5 * self.operators.volume * math.log(2 * math.pi)

    def _log_volume(self) -> Tensor:
        """Logarithm of the determinant of C^{1/2}."""
        return 0.5 * (self.operators.multiplicity * self.operators.power.log()).sum()
