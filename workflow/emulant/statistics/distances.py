"""Distances between two samples of feature vectors, each with its distribution for equal laws.

A sample is (N, m, d): N independent draws (events), each with m rows of d features (its particles, or the event
itself); rows of one draw may be correlated. The null distribution of a distance is that under permutations of the
labels of whole draws. The p-value is the upper tail of the Pearson III law with the mean, deviation and skewness of
these permutations, so that it can be smaller than one over their number (F. Kazi-Aoual et al., Comput. Stat. Data
Anal. 20 (1995) 643). Features are in units of the reference's standard deviation about its mean.
"""

from collections.abc import Iterator

import numpy as np
from scipy import linalg, stats

from emulant.statistics.two_sample import TwoSample

__all__ = ["distances"]

# The null's deviation is then known to 1 / sqrt(2 * 200) = 5 %; cost grows in proportion.
PERMUTATIONS = 200
# Each fit uses 80 % of the draws; every draw is scored once.
FOLDS = 5
# Penalty relative to features of unit variance: it keeps the normal matrix invertible where features are collinear.
RIDGE = 1e-3


def distances(sample: np.ndarray, reference: np.ndarray, seed: int) -> Iterator[tuple[str, TwoSample]]:
    """Compute all distances between two samples (N, m, d) and (M, m, d) of at least FOLDS draws each.

    classifier: area under the ROC curve of a quadratic discriminant, cross-validated: ridge regression of the label on
        all features and their products, so on means, variances and covariances. 1/2 for equal laws.
    frechet: |mu - mu'|^2 + Tr(C + C' - 2 (C C')^(1/2)), the FPD of R. Kansal et al., Phys. Rev. D 107 (2023) 076017
        [2211.10295]. Estimates are biased upwards; the null has the same bias.
    kernel: unbiased squared maximum mean discrepancy with (1 + x.y / d)^4, the KPD of the same paper; may be negative.

    Arguments:
        sample: features of the draws to test.
        reference: features of the reference, which define the units.
        seed: of folds and permutations.

    Yields:
        The name of a distance and its result.
    """
    generator = np.random.default_rng(seed)
    rows = _standardised(sample, reference)
    draws = np.arange(len(sample) + len(reference)) < len(sample)
    fold = np.concatenate([generator.permutation(n) % FOLDS for n in (len(sample), len(reference))])
    labels = np.repeat(_permuted(draws, fold, generator), sample.shape[1], axis=1)
    yield "classifier", _tested(_areas(_quadratic(rows), labels, np.repeat(fold, sample.shape[1])))
    yield "frechet", _tested(np.array([_frechet(rows[label], rows[~label]) for label in labels]))
    yield "kernel", _tested(_discrepancies(np.square(np.square(1 + rows @ rows.T / rows.shape[1])), labels))


def _standardised(sample: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Stack the rows of both samples, the sample's first, in units of the reference's deviations, (n, d).

    A feature that is constant in the reference keeps its unit.
    """
    flat = [part.reshape(-1, part.shape[-1]).astype(float) for part in (sample, reference)]
    spread = flat[1].std(axis=0)
    return (np.concatenate(flat) - flat[1].mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def _permuted(label: np.ndarray, fold: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Stack the labels (draws,) and permutations of them within each fold, (1 + PERMUTATIONS, draws)."""
    labellings = np.tile(label, (1 + PERMUTATIONS, 1))
    for k in range(FOLDS):
        members = np.flatnonzero(fold == k)
        labellings[1:, members] = generator.permuted(labellings[1:, members], axis=1)
    return labellings


def _tested(values: np.ndarray) -> TwoSample:
    """Test the first value against all others, its null distribution."""
    null = values[1:]
    mean, error = null.mean(), null.std(ddof=1)
    p = stats.pearson3.sf(values[0], stats.skew(null), loc=mean, scale=error)
    return TwoSample(float(values[0]), float(mean), float(error), float(p))


def _quadratic(rows: np.ndarray) -> np.ndarray:
    """Compute 1, all features and all products of two, scaled so that inner products are (1 + x.y / d)^2."""
    linear = np.column_stack([np.ones(len(rows)), rows / np.sqrt(rows.shape[1])])
    first, second = np.triu_indices(linear.shape[1])
    return linear[:, first] * linear[:, second] * np.where(first == second, 1.0, np.sqrt(2))


def _areas(features: np.ndarray, labels: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Average the area under the ROC curve over the folds, for each labelling.

    Regression scores are linear in the labels, so all labellings share one factorisation.
    """
    areas = np.zeros(len(labels))
    for k in range(FOLDS):
        fit, test = features[fold != k], features[fold == k]
        fit_labels, test_labels = labels[:, fold != k].T, labels[:, fold == k].T
        targets = np.where(fit_labels, 1 / fit_labels.sum(axis=0), -1 / (~fit_labels).sum(axis=0))
        normal = fit.T @ fit + RIDGE * len(fit) * np.eye(fit.shape[1])
        rank = stats.rankdata(test @ linalg.solve(normal, fit.T @ targets, assume_a="pos"), axis=0)
        positives, negatives = test_labels.sum(axis=0), (~test_labels).sum(axis=0)
        areas += (
            (np.sum(rank * test_labels, axis=0) - positives * (positives + 1) / 2)
            / (positives * negatives)
            / FOLDS
        )
    return areas


def _frechet(one: np.ndarray, other: np.ndarray) -> float:
    """Compute the Frechet distance of two Gaussians with the means and covariances of two sets of rows (n, d)."""
    first, second = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (one, other))
    values, vectors = np.linalg.eigh(first)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root.T @ second @ root), 0, None)).sum()
    shift = np.sum((one.mean(axis=0) - other.mean(axis=0)) ** 2)
    return float(shift + np.trace(first) + np.trace(second) - 2 * cross)


def _discrepancies(gram: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Estimate the squared maximum mean discrepancy from the kernel matrix (n, n), without bias, for each labelling."""
    in_sample = labels.T.astype(float)
    in_reference, diagonal = 1 - in_sample, np.diagonal(gram)
    discrepancies = (
        -2
        * np.sum(in_reference * (gram @ in_sample), axis=0)
        / (in_sample.sum(axis=0) * in_reference.sum(axis=0))
    )
    for part in (in_sample, in_reference):
        count = part.sum(axis=0)
        discrepancies += (np.sum(part * (gram @ part), axis=0) - diagonal @ part) / (count * (count - 1))
    return discrepancies
