"""Distances between two samples of feature vectors, each with what equal laws give for it.

A sample is (N, m, d): N independent draws (events), each with m rows of d features (its particles, or the event
itself), which may depend on each other. The null of every distance is its distribution under permutations of the
labels of whole draws; the p-value is the upper tail of the Pearson III law with the mean, deviation and skewness of
these permutations, which goes on where the permutations end (F. Kazi-Aoual et al., Comput. Stat. Data Anal. 20 (1995)
643). Features are in units of the reference's standard deviation about its mean.
"""

from collections.abc import Iterator

import numpy as np
from scipy import linalg, stats

from emulant.statistics.two_sample import TwoSample

__all__ = ["distances"]

PERMUTATIONS, FOLDS = 200, 5
RIDGE = 1e-3


def distances(sample: np.ndarray, reference: np.ndarray, seed: int) -> Iterator[tuple[str, TwoSample]]:
    """Names and results of all distances between two samples (N, m, d) and (M, m, d) of at least FOLDS draws each.

    classifier: area under the ROC curve of a quadratic discriminant, cross-validated: ridge regression of the label on
        all features and their products, which sees means, variances and covariances. 1/2 where it cannot tell.
    frechet: |mu - mu'|^2 + Tr(C + C' - 2 (C C')^(1/2)), the FPD of R. Kansal et al., Phys. Rev. D 107 (2023) 076017
        [2211.10295]. Estimates are biased upwards; the null has the same bias.
    kernel: unbiased squared maximum mean discrepancy with (1 + x.y / d)^4, the KPD of the same paper; may be negative.

    Arguments:
        sample: of the source.
        reference: gives the units.
        seed: of folds and permutations.
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
    """All rows, the sample's first, (n, d); a feature that is the same in the whole reference keeps its unit."""
    flat = [part.reshape(-1, part.shape[-1]).astype(float) for part in (sample, reference)]
    spread = flat[1].std(axis=0)
    return (np.concatenate(flat) - flat[1].mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def _permuted(label: np.ndarray, fold: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The labels (draws,) and permutations of them within each fold, (1 + PERMUTATIONS, draws)."""
    found = np.tile(label, (1 + PERMUTATIONS, 1))
    for k in range(FOLDS):
        own = np.flatnonzero(fold == k)
        found[1:, own] = generator.permuted(found[1:, own], axis=1)
    return found


def _tested(values: np.ndarray) -> TwoSample:
    """The first value against the others."""
    null = values[1:]
    mean, error = null.mean(), null.std(ddof=1)
    p = stats.pearson3.sf(values[0], stats.skew(null), loc=mean, scale=error)
    return TwoSample(float(values[0]), float(mean), float(error), float(p))


def _quadratic(rows: np.ndarray) -> np.ndarray:
    """1, all features and all products of two, scaled so that inner products are (1 + x.y / d)^2."""
    linear = np.column_stack([np.ones(len(rows)), rows / np.sqrt(rows.shape[1])])
    first, second = np.triu_indices(linear.shape[1])
    return linear[:, first] * linear[:, second] * np.where(first == second, 1.0, np.sqrt(2))


def _areas(features: np.ndarray, labels: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Mean area over the folds for each labelling; scores are linear in the labels, so all cost one factorisation."""
    areas = np.zeros(len(labels))
    for k in range(FOLDS):
        fit, held = features[fold != k], features[fold == k]
        known, own = labels[:, fold != k].T, labels[:, fold == k].T
        targets = np.where(known, 1 / known.sum(axis=0), -1 / (~known).sum(axis=0))
        normal = fit.T @ fit + RIDGE * len(fit) * np.eye(fit.shape[1])
        rank = stats.rankdata(held @ linalg.solve(normal, fit.T @ targets, assume_a="pos"), axis=0)
        ours, others = own.sum(axis=0), (~own).sum(axis=0)
        areas += (np.sum(rank * own, axis=0) - ours * (ours + 1) / 2) / (ours * others) / FOLDS
    return areas


def _frechet(one: np.ndarray, other: np.ndarray) -> float:
    first, second = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (one, other))
    values, vectors = np.linalg.eigh(first)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    both = np.sqrt(np.clip(np.linalg.eigvalsh(root.T @ second @ root), 0, None)).sum()
    apart = np.sum((one.mean(axis=0) - other.mean(axis=0)) ** 2)
    return float(apart + np.trace(first) + np.trace(second) - 2 * both)


def _discrepancies(gram: np.ndarray, labels: np.ndarray) -> np.ndarray:
    ours = labels.T.astype(float)
    others, own = 1 - ours, np.diagonal(gram)
    found = -2 * np.sum(others * (gram @ ours), axis=0) / (ours.sum(axis=0) * others.sum(axis=0))
    for part in (ours, others):
        count = part.sum(axis=0)
        found += (np.sum(part * (gram @ part), axis=0) - own @ part) / (count * (count - 1))
    return found
