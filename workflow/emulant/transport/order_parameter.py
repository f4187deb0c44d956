"""The one-dimensional law of the zero mode, and its exact probability flow under Gaussian smoothing."""

import math

import torch
from torch import Tensor

__all__ = ["SymmetricMixture"]


class SymmetricMixture:
    r"""An even mixture of Gaussians, :math:`p(m) = \frac1{2K}\sum_k N(m; \pm\mu_k, h^2)`.

    It is fitted to samples by equal-probability bins of :math:`|m|`, so that the variance is exact, and it
    stays in the family when noise of standard deviation s is added. Its quantile map is the exact
    probability flow of a single mode: two phases cost no solver step.

    Arguments:
        centres: the positive centres :math:`\mu_k`, shape (K,), float64.
        width: the common width h.
    """

    def __init__(self, centres: Tensor, width: float) -> None:
        self.centres = torch.as_tensor(centres, dtype=torch.float64)
        self.width = float(width)
        self._both = torch.cat([-self.centres.flip(0), self.centres])

    @classmethod
    def fit(cls, samples: Tensor, components: int = 32) -> "SymmetricMixture":
        """Match the distribution of abs(samples), shape (N,), with at most `components` bins."""
        magnitude = samples.double().abs().sort().values
        bins = max(1, min(components, len(magnitude) // 8))
        magnitude = magnitude[: len(magnitude) // bins * bins].reshape(bins, -1)
        centres = magnitude.mean(1)
        width = magnitude.var(1, correction=0).mean().sqrt().clamp_min(1e-6 * centres.max())
        return cls(centres, float(width))

    def to(self, device: torch.device | str) -> "SymmetricMixture":
        """The same mixture with its tensors on `device`."""
        return SymmetricMixture(self.centres.to(device), self.width)

    def posterior_mean(self, noisy: Tensor, noise: Tensor) -> Tensor:
        """E[m | m + noise z = noisy], shapes (N,) or scalar noise."""
        return self._posterior(noisy, noise)[0]

    def _posterior(self, noisy: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        noisy, noise = noisy.double(), torch.as_tensor(noise, device=noisy.device).double()
        total = self.width**2 + noise**2
        distance = noisy[..., None] - self._both
        weight = torch.softmax(-(distance**2) / (2 * total[..., None]), dim=-1)
        component = (self.width**2 * noisy[..., None] + (noise**2)[..., None] * self._both) / total[..., None]
        mean = (weight * component).sum(-1)
        spread = (weight * (component - mean[..., None]) ** 2).sum(-1)
        return mean, spread + self.width**2 * noise**2 / total

    def posterior_deviation(self, noise: float) -> float:
        """Root of the posterior variance of m, averaged over noisy values at this noise."""
        grid = self._grid(noise)
        density = self.density(grid, noise)
        variance = self._posterior(grid, torch.tensor(noise, device=grid.device))[1]
        return float((torch.trapezoid(density * variance, grid) / torch.trapezoid(density, grid)).sqrt())

    def density(self, noisy: Tensor, noise: float) -> Tensor:
        """The smoothed density at `noisy`, shape (N,)."""
        sigma = math.hypot(self.width, noise)
        z = (noisy[..., None] - self._both) / sigma
        return torch.exp(-0.5 * z**2).mean(-1) / (sigma * math.sqrt(2 * math.pi))

    def to_latent(self, noisy: Tensor, noise: float) -> Tensor:
        """The standard normal variable with the same quantile as `noisy` under the smoothed law."""
        upper = self._survival(noisy.double().abs(), noise).clamp_max(0.5)
        return torch.copysign(-torch.special.ndtri(upper), noisy)

    def from_latent(self, latent: Tensor, noise: float) -> Tensor:
        """Inverse of `to_latent`."""
        grid = self._grid(noise)
        quantile = torch.cummax(-torch.special.ndtri(self._survival(grid, noise).clamp_max(0.5)), 0).values
        target = latent.double().abs().contiguous()
        index = torch.searchsorted(quantile, target).clamp(1, len(grid) - 1)
        left, right = grid[index - 1], grid[index]
        low, high = quantile[index - 1], quantile[index]
        guess = left + (target - low) / (high - low).clamp_min(1e-300) * (right - left)
        inside = guess <= right
        step = (self.to_latent(guess, noise) - target) / self.latent_slope(guess, noise)
        refined = torch.where(inside, (guess - step).clamp(left, right), guess - step)
        return torch.copysign(torch.where(torch.isfinite(refined), refined, guess), latent)

    def latent_slope(self, noisy: Tensor, noise: float) -> Tensor:
        """Derivative of `to_latent` at `noisy`."""
        latent = self.to_latent(noisy, noise)
        normal = torch.exp(-0.5 * latent**2) / math.sqrt(2 * math.pi)
        return self.density(noisy.double(), noise) / normal

    def _survival(self, noisy: Tensor, noise: float) -> Tensor:
        scale = math.hypot(self.width, noise) * math.sqrt(2)
        return 0.5 * torch.special.erfc((noisy[..., None] - self._both) / scale).mean(-1)

    def _grid(self, noise: float) -> Tensor:
        sigma = math.hypot(self.width, noise)
        offsets = torch.linspace(-8.0, 8.0, 97, dtype=torch.float64, device=self.centres.device) * sigma
        points = (self.centres[:, None] + offsets).flatten()
        return torch.cat([points.new_zeros(1), points[points > 0]]).sort().values
