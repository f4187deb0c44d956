"""Do two samples come from one distribution? Answers that know nothing of the physics.

All tests take independent configurations and return a `TwoSample`; small p-values say the samples differ.
"""

from typing import NamedTuple

import numba
import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

__all__ = ["RandomFeatures", "TwoSample", "classifier_test", "memorisation_test", "sign_balance_test"]

FILTERS = 32
TAPS = 5
PENALTY = 1e-3
LARGEST_RATIO = 4
NEAREST_SHARE = 0.05


class TwoSample(NamedTuple):
    """A statistic, what a right model gives for it with which spread, and the p-value."""

    statistic: float
    null: float
    error: float
    p: float


def classifier_test(sample: np.ndarray, reference: np.ndarray, seed: int) -> TwoSample:
    """Area under the ROC curve of a classifier told to separate the samples; 1/2 where it cannot.

    Logistic regression on features, fitted on one half of the configurations and scored on the other, so that
    the score is a Mann-Whitney statistic with its exact null error (D. Lopez-Paz and M. Oquab,
    arXiv:1610.06545, with the area in place of the accuracy). One-sided: worse than chance is chance.

    Arguments:
        sample: features of independent configurations, shape (N, k), as of `RandomFeatures`.
        reference: the same of the reference, shape (M, k); at most 4 N of them are used.
        seed: of the split.
    """
    rng = np.random.default_rng(seed)
    reference = rng.permutation(reference)[: LARGEST_RATIO * len(sample)]
    features = np.concatenate([rng.permutation(sample), reference])
    label = np.arange(len(features)) < len(sample)
    fit = np.arange(len(features)) % 2 == 0
    scaler = StandardScaler().fit(features[fit])
    classifier = LogisticRegression(C=PENALTY, max_iter=500, class_weight="balanced")
    classifier.fit(scaler.transform(features[fit]), label[fit])
    score = classifier.decision_function(scaler.transform(features[~fit]))
    own, other = score[label[~fit]], score[~label[~fit]]
    area = stats.mannwhitneyu(own, other).statistic / (len(own) * len(other))
    error = np.sqrt((len(own) + len(other) + 1) / (12 * len(own) * len(other)))
    return TwoSample(float(area), 0.5, float(error), float(stats.norm.sf((area - 0.5) / error)))


def memorisation_test(generated: np.ndarray, held_out: np.ndarray, training: np.ndarray) -> TwoSample:
    """Are generated configurations nearer to their nearest training neighbour than held-out ones are?

    Euclidean distances of whole configurations, nothing divided out. Of the 5 % of smallest distances in the
    pool of both samples, a model that does not copy owns its share: the number is hypergeometric (exact).

    Arguments:
        generated: shape (N, *shape).
        held_out: configurations that no training saw, shape (M, *shape).
        training: shape (T, *shape).

    Returns:
        the share of the smallest distances that are generated ones; its null value is N / (N + M).
    """
    distance = np.concatenate([_nearest(generated, training), _nearest(held_out, training)])
    total, own = len(distance), len(generated)
    smallest = max(1, int(NEAREST_SHARE * total))
    count = int(np.sum(np.argsort(distance, kind="stable")[:smallest] < own))
    null = stats.hypergeom(total, own, smallest)
    return TwoSample(count / smallest, own / total, null.std() / smallest, float(null.sf(count - 1)))


def sign_balance_test(magnetisation: np.ndarray, tau_int: float = 0.5) -> TwoSample:
    """Share of configurations with M > 0 against 1/2, binomial in N / (2 tau_int) independent ones."""
    effective = max(1, round(len(magnetisation) / (2 * tau_int)))
    share = float(np.mean(magnetisation > 0))
    p = stats.binomtest(round(share * effective), effective).pvalue
    return TwoSample(share, 0.5, 0.5 / np.sqrt(effective), float(p))


class RandomFeatures:
    """Means over sites of |c|, c^2 and max(c - b, 0) for random periodic convolutions c of random reach.

    The filters see any distance and any direction of a lattice of any dimension; in zero dimensions a filter
    is a random scale. The unit of the field and the biases b are drawn from the reference.

    Arguments:
        reference: shape (N, *shape).
        seed: of the filters.
    """

    def __init__(self, reference: np.ndarray, seed: int) -> None:
        rng, shape = np.random.default_rng(seed), reference.shape[1:]
        reach = 2.0 ** rng.uniform(0, np.log2(max(2, min(shape) / 2)), size=(FILTERS, 1, 1))
        offsets = np.rint(reach * rng.uniform(-1, 1, size=(FILTERS, TAPS, len(shape)))).astype(int)
        offsets[:, 0] = 0
        sites = np.indices(shape).reshape(len(shape), -1)
        moved = (sites + offsets[..., None]) % np.array(shape)[:, None]
        self.neighbours = np.ravel_multi_index(tuple(np.moveaxis(moved, 2, 0)), shape)
        self.weights = rng.normal(size=(FILTERS, TAPS)) / (np.sqrt(TAPS) * reference.std())
        drawn = self._flat(reference[rng.integers(len(reference), size=FILTERS)])
        filtered = np.einsum(
            "ft,fts->fs", self.weights, np.take_along_axis(drawn[:, None], self.neighbours, 2)
        )
        self.biases = rng.permuted(filtered, axis=1)[:, 0]

    def __call__(self, fields: np.ndarray) -> np.ndarray:
        """Features of fields (N, *shape), shape (N, 3 * filters)."""
        features = np.empty((len(fields), FILTERS, 3))
        _convolve(self._flat(fields), self.neighbours, self.weights, self.biases, features)
        return features.reshape(len(fields), -1)

    def _flat(self, fields: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(fields.reshape(len(fields), -1), dtype=np.float32)


@numba.njit(fastmath=True, nogil=True, cache=True)
def _convolve(flat, neighbours, weights, biases, features):
    configurations, sites = flat.shape
    filters, taps = weights.shape
    for i in range(configurations):
        for f in range(filters):
            modulus = square = positive = 0.0
            for s in range(sites):
                c = 0.0
                for t in range(taps):
                    c += weights[f, t] * flat[i, neighbours[f, t, s]]
                modulus += abs(c)
                square += c * c
                positive += max(c - biases[f], 0.0)
            features[i, f, 0] = modulus / sites
            features[i, f, 1] = square / sites
            features[i, f, 2] = positive / sites


def _nearest(points: np.ndarray, training: np.ndarray, chunk: int = 1024) -> np.ndarray:
    """Squared distance of each point to its nearest training point, shape (N,)."""
    known = training.reshape(len(training), -1).astype(np.float64)
    flat = points.reshape(len(points), -1).astype(np.float64)
    norm = (known**2).sum(axis=1)
    parts = [flat[i : i + chunk] for i in range(0, len(flat), chunk)]
    return np.concatenate(
        [(part**2).sum(axis=1) + np.min(norm - 2 * part @ known.T, axis=1) for part in parts]
    )
