r"""Exact denoiser of an even empirical measure of one variable.

A fine histogram of the magnitudes of N samples φ_i represents them without relevant loss, and under it
E[φ₀ | φ₀ + s z = x] is a finite sum. It is the minimiser of the denoising loss over all (φ_i, z), which a network
would otherwise have to find through the noise of z (explicit score matching: P. Vincent, Neural Comput. 23 (2011) 1661).
"""

import torch
from torch import Tensor

__all__ = ["folded_histogram", "posterior_means"]


def folded_histogram(samples: Tensor, bins: int = 2048) -> tuple[Tensor, Tensor]:
    """Compute mean values and shares of the non-empty bins of |samples|, equally wide from zero to the largest.

    Arguments:
        samples: any shape.
        bins: number of bins.

    Returns:
        Mean values and shares, each of shape (at most `bins`,), float64; the shares sum to one.
    """
    magnitude = samples.flatten().double().abs()
    index = (magnitude * (bins / magnitude.max())).long().clamp_max(bins - 1)
    counts = torch.bincount(index, minlength=bins).double()
    sums = torch.bincount(index, weights=magnitude, minlength=bins)
    filled = counts > 0
    return sums[filled] / counts[filled], counts[filled] / counts.sum()


def posterior_means(places: Tensor, shares: Tensor, x: Tensor, noise: float) -> tuple[Tensor, Tensor]:
    """Compute E[φ₀ | φ₀ + s z = x] under the even measure of a folded histogram, and the density of φ₀ + s z.

    Arguments:
        places, shares: mean values and shares of `folded_histogram`.
        x: shape (n,).
        noise: s, not much smaller than a bin.

    Returns:
        Means and densities, each of shape (n,).
    """
    signed = torch.cat([places, -places])
    log_joint = torch.cat([shares, shares]).log() - 0.5 * ((x[:, None] - signed) / noise) ** 2
    # The largest exponent is taken out, so that no sum underflows.
    largest = log_joint.max(dim=1, keepdim=True).values
    weights = torch.exp(log_joint - largest)
    total = weights.sum(dim=1)
    density = total * largest[:, 0].exp() / (2 * noise * (2 * torch.pi) ** 0.5)
    return weights @ signed / total, density
