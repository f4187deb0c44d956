"""What draws of posteriors say together: precision, coverage, information."""

import numpy as np

__all__ = ["components_of", "covered", "information", "mean_and_deviation"]

COMPONENTS = 8
"""Principal components of observations that tests look at: more would need more observations to be told from chance."""


def components_of(inputs: np.ndarray) -> np.ndarray:
    """Project observations (N, m) on their largest principal components, in units of their deviations."""
    deviation = inputs.std(0)
    standard = (inputs - inputs.mean(0))[:, deviation > 0] / deviation[deviation > 0]
    left, singular, _ = np.linalg.svd(standard, full_matrices=False)
    independent = singular > singular[0] * np.finfo(np.float32).eps
    return left[:, independent][:, :COMPONENTS] * np.sqrt(len(inputs))


def mean_and_deviation(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the posterior of each observation, (N, d) each, from draws (D, N, d)."""
    return draws.mean(0), draws.std(0, ddof=1)


def covered(u: np.ndarray, credibility: float) -> np.ndarray:
    """Tell how often the truth lies in the central interval of this credibility, (d,), from ranks u (N, d)."""
    return (np.abs(u - 0.5) < credibility / 2).mean(0)


def information(draws: np.ndarray, prior: np.ndarray) -> float:
    """Estimate the mean information gain in nats, as of Gaussians: half the ln of the ratio of determinants.

    A Gaussian has the largest entropy at its covariance, so that posteriors with several peaks tell more than this.

    Arguments:
        draws: of posteriors in any coordinates, (D, N, d), D > d.
        prior: covariance of the prior in the same coordinates, (d, d).
    """
    centred = draws - draws.mean(0)
    covariances = np.einsum("tni,tnj->nij", centred, centred) / (len(draws) - 1)
    return float(0.5 * (np.linalg.slogdet(prior)[1] - np.linalg.slogdet(covariances)[1].mean()))
