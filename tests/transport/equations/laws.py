"""Laws whose derivatives along a path are known: two peaks in closed form, a quartic well by quadrature, in float64."""

import math

import torch

from emulant.scalar.quadrature import two_panels
from emulant.systems.quartic_well.system import QuarticWell
from emulant.systems.two_peak.system import TwoPeak


class SiteLaw:
    """A law of one variable along a path, differentiable by torch; `law(x, signal, noise)` is its log density."""

    def __init__(self, log_density, path):
        self.log_density, self.path = log_density, path

    def action(self, x, t):
        """-log p_t, (N,)."""
        return -self.log_density(x, self.path.signal(t), self.path.noise(t))[:, 0]

    def score(self, x, t):
        """Its negative gradient."""
        with torch.enable_grad():
            leaf = x if x.requires_grad else x.detach().requires_grad_()
            (gradient,) = torch.autograd.grad(self.action(leaf, t).sum(), leaf, create_graph=True)
        return -gradient

    def velocity(self, x, t):
        """Of the probability flow."""
        return self.path.convert(self.score(x, t), x, t, kind="score", wanted="velocity")


def two_peaks(path, mean=1.0, width=0.25):
    system = TwoPeak(mean, width)

    def log_density(x, signal, noise):
        # Not the system's own, whose |x| has no second derivative at 0.
        variance, centre = (signal * width) ** 2 + noise**2, signal * mean
        exponents = torch.stack([-((x - c) ** 2) / (2 * variance) for c in (centre, -centre)])
        return exponents.logsumexp(0) - math.log(2) - 0.5 * math.log(2 * math.pi * variance)

    assert system.parameters == {"mean": mean, "width": width}
    return SiteLaw(log_density, path)


def quartic(path, mu2=1.0, g=0.4):
    """The starting point is the variable of the integral, so the noise must be no narrower than the well's nodes."""
    system = QuarticWell(mu2, g)
    nodes, weights = (torch.from_numpy(part) for part in two_panels(system.reach))
    log_start = weights.log() - system.potential(nodes) - system.log_partition_function

    def log_density(x, signal, noise):
        exponents = log_start - (x[..., None] - signal * nodes) ** 2 / (2 * noise**2)
        return exponents.logsumexp(-1) - 0.5 * math.log(2 * math.pi * noise**2)

    return SiteLaw(log_density, path)
