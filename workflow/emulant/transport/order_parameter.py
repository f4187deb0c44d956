"""One-dimensional law of the zero mode, and its exact probability flow under Gaussian smoothing."""

import math

import torch
from torch import Tensor

__all__ = ["SymmetricMixture"]

# Floor of tail probabilities, 37 deviations out, as the normal quantile of 0 is infinite.
SMALLEST = 1e-300


class SymmetricMixture:
    r"""An even mixture of Gaussians, :math:`p(m) = \frac12\sum_k w_k [N(m; \mu_k, h^2) + N(m; -\mu_k, h^2)]`.

    With added noise of standard deviation s it is a mixture of the same form. Its quantile map is the exact probability
    flow of a single mode, so two phases need no solver steps.

    Arguments:
        centres: the centres :math:`\mu_k \ge 0`, shape (K,), float64.
        weights: :math:`w_k`, shape (K,), summing to one.
        width: the common width h.
    """

    def __init__(self, centres: Tensor, weights: Tensor, width: float) -> None:
        self.centres = torch.as_tensor(centres, dtype=torch.float64)
        self.weights = torch.as_tensor(weights, dtype=torch.float64)
        self.width = float(width)
        self._both = torch.cat([-self.centres.flip(0), self.centres])
        self._shares = 0.5 * torch.cat([self.weights.flip(0), self.weights])

    @classmethod
    def fit(cls, samples: Tensor, components: int = 6, *, iterations: int = 400) -> "SymmetricMixture":
        """Fit by expectation-maximisation on a histogram of abs(samples), samples of shape (N,).

        A common width keeps the density smooth, so that a network has no ripples to correct; the second moment of the
        samples is conserved to the resolution of the histogram.
        """
        magnitude = samples.double().abs()
        counts, values = _histogram(magnitude)
        start = (torch.arange(components, dtype=torch.float64) + 0.5) / components
        centres = torch.quantile(magnitude[:: max(1, len(magnitude) // 100_000)], start)
        weights = torch.full_like(centres, 1 / components)
        variance = (2 * float(magnitude.square().mean().sqrt()) / (components + 1)) ** 2
        for _ in range(iterations):
            signed_centres, shares = torch.cat([centres, -centres]), torch.cat([weights, weights]).log()
            chance = (
                torch.softmax(shares - (values[:, None] - signed_centres) ** 2 / (2 * variance), dim=1)
                * counts[:, None]
            )
            near, far = chance.split(components, dim=1)
            mass = (near + far).sum(0).clamp_min(1e-12)
            centres = (((near - far) * values[:, None]).sum(0) / mass).abs()
            weights = mass / mass.sum()
            second = float((counts * values**2).sum() / counts.sum())
            variance = max(second - float((weights * centres**2).sum()), 1e-12 * second)
        return cls(centres, weights, variance**0.5)

    def to(self, device: torch.device | str) -> "SymmetricMixture":
        """Copy to `device`."""
        return SymmetricMixture(self.centres.to(device), self.weights.to(device), self.width)

    def posterior_mean(self, noisy: Tensor, noise: Tensor) -> Tensor:
        """Compute E[m | m + noise z = noisy], shapes (N,) or scalar noise."""
        return self._posterior(noisy, noise)[0]

    def _posterior(self, noisy: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Compute posterior mean and variance of m."""
        noisy, noise = noisy.double(), torch.as_tensor(noise, device=noisy.device).double()
        total = self.width**2 + noise**2
        distance = noisy[..., None] - self._both
        weight = torch.softmax(self._shares.log() - distance**2 / (2 * total[..., None]), dim=-1)
        component = (self.width**2 * noisy[..., None] + (noise**2)[..., None] * self._both) / total[..., None]
        mean = (weight * component).sum(-1)
        spread = (weight * (component - mean[..., None]) ** 2).sum(-1)
        return mean, spread + self.width**2 * noise**2 / total

    def posterior_deviation(self, noise: float) -> float:
        """Compute the root of the posterior variance of m, averaged over noisy values at this noise."""
        grid = self._grid(noise)
        density = self.density(grid, noise)
        variance = self._posterior(grid, torch.tensor(noise, device=grid.device))[1]
        return float((torch.trapezoid(density * variance, grid) / torch.trapezoid(density, grid)).sqrt())

    def density(self, noisy: Tensor, noise: Tensor | float) -> Tensor:
        """Compute the smoothed density at `noisy`, shape (N,), one noise for all or (N,)."""
        sigma = self._deviation(noise)
        z = (noisy[..., None] - self._both) / sigma[..., None]
        return (self._shares * torch.exp(-0.5 * z**2)).sum(-1) / (sigma * math.sqrt(2 * math.pi))

    def to_latent(self, noisy: Tensor, noise: Tensor | float) -> Tensor:
        """Map `noisy` to the standard normal variable of the same quantile under the smoothed law."""
        upper = self._survival(noisy.double().abs(), noise).clamp(SMALLEST, 0.5)
        return torch.copysign(-torch.special.ndtri(upper), noisy)

    def from_latent(self, latent: Tensor, noise: float) -> Tensor:
        """Invert `to_latent`."""
        grid = self._grid(noise)
        quantile = torch.cummax(-torch.special.ndtri(self._survival(grid, noise).clamp_max(0.5)), 0).values
        target = latent.double().abs().contiguous()
        index = torch.searchsorted(quantile, target).clamp(1, len(grid) - 1)
        left, right = grid[index - 1], grid[index]
        low, high = quantile[index - 1], quantile[index]
        guess = left + (target - low) / (high - low).clamp_min(1e-300) * (right - left)
        inside = guess <= right
        for _ in range(2):
            step = (self.to_latent(guess, noise) - target) / self.latent_slope(guess, noise)
            refined = torch.where(inside, (guess - step).clamp(left, right), guess - step)
            guess = torch.where(torch.isfinite(refined), refined, guess)
        return torch.copysign(guess, latent)

    def latent_slope(self, noisy: Tensor, noise: Tensor | float) -> Tensor:
        """Compute the derivative of `to_latent` at `noisy`."""
        latent = self.to_latent(noisy, noise)
        normal = torch.exp(-0.5 * latent**2) / math.sqrt(2 * math.pi)
        return self.density(noisy.double(), noise) / normal

    def _survival(self, noisy: Tensor, noise: Tensor | float) -> Tensor:
        """Compute the probability above `noisy` under the smoothed law."""
        scale = self._deviation(noise)[..., None] * math.sqrt(2)
        return 0.5 * (self._shares * torch.special.erfc((noisy[..., None] - self._both) / scale)).sum(-1)

    def _deviation(self, noise: Tensor | float) -> Tensor:
        return (self.width**2 + torch.as_tensor(noise, device=self.centres.device).double() ** 2).sqrt()

    def _grid(self, noise: float) -> Tensor:
        """Build abscissae m >= 0 that cover every component to 8 deviations, in rising order."""
        sigma = math.hypot(self.width, noise)
        offsets = torch.linspace(-8.0, 8.0, 97, dtype=torch.float64, device=self.centres.device) * sigma
        points = (self.centres[:, None] + offsets).flatten()
        return torch.cat([points.new_zeros(1), points[points > 0]]).sort().values


def _histogram(magnitude: Tensor, bins: int = 2000) -> tuple[Tensor, Tensor]:
    """Compute counts and mean values of equal bins from zero to the largest value, without empty bins."""
    index = (magnitude / magnitude.max() * bins).long().clamp_max(bins - 1)
    counts = torch.bincount(index, minlength=bins).double()
    sums = torch.zeros(bins, dtype=torch.float64).index_add_(0, index, magnitude)
    filled = counts > 0
    return counts[filled], sums[filled] / counts[filled]
