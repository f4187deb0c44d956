"""Do two samples come from one distribution? Answers that know nothing of the physics.

All tests take independent configurations and return a `TwoSample`; small p-values say the samples differ.
"""

from typing import NamedTuple

import numba
import numpy as np
from scipy import stats

__all__ = [
    "RandomFeatures",
    "TwoSample",
    "classifier_test",
    "memorisation_test",
    "nearest_distances",
    "sign_balance_test",
]

FILTERS = 32
TAPS = 5
LANES = 16
PENALTY = 1e-3
LARGEST_RATIO = 4
NEAREST_SHARE = 0.05
MANY_SITES = 64


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
    # Half a second of import, which only this test needs.
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

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


def memorisation_test(generated: np.ndarray, held_out: np.ndarray) -> TwoSample:
    """Are generated configurations nearer to their nearest training neighbour than held-out ones are?

    Of the 5 % of smallest distances in the pool of both samples, a model that does not copy owns its share: the
    number is hypergeometric (exact).

    Arguments:
        generated: `nearest_distances` of the generated configurations, shape (N,).
        held_out: the same of configurations that no training saw, shape (M,).

    Returns:
        the share of the smallest distances that are generated ones; its null value is N / (N + M).
    """
    distance = np.concatenate([generated, held_out])
    total, own = len(distance), len(generated)
    smallest = max(1, int(NEAREST_SHARE * total))
    count = int(np.sum(np.argsort(distance, kind="stable")[:smallest] < own))
    null = stats.hypergeom(total, own, smallest)
    return TwoSample(count / smallest, own / total, null.std() / smallest, float(null.sf(count - 1)))


def nearest_distances(points: np.ndarray, training: np.ndarray, chunk: int = 512) -> np.ndarray:
    """Squared Euclidean distance of whole configurations to their nearest training neighbour, shape (N,).

    The neighbour is found in float32 where configurations have many sites, so that two of them are never as close
    as their norms' rounding; its distance is then computed from the difference in float64.

    Arguments:
        points: shape (N, *shape).
        training: shape (T, *shape).
        chunk: points that are held against all the training configurations at a time.
    """
    known, flat = training.reshape(len(training), -1), points.reshape(len(points), -1)
    precision = np.float32 if known.shape[1] >= MANY_SITES else np.float64
    known, flat = known.astype(precision, copy=False), flat.astype(precision, copy=False)
    half_norm = 0.5 * np.einsum("ni,ni->n", known, known)
    nearest = [
        np.argmax(flat[i : i + chunk] @ known.T - half_norm, axis=1) for i in range(0, len(flat), chunk)
    ]
    difference = flat.astype(np.float64) - known[np.concatenate(nearest)]
    return np.einsum("ni,ni->n", difference, difference)


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
        flat = self._flat(fields)
        lanes = np.zeros((-(-len(flat) // LANES) * LANES, flat.shape[1]), dtype=np.float32)
        lanes[: len(flat)] = flat
        lanes = np.ascontiguousarray(lanes.reshape(-1, LANES, flat.shape[1]).swapaxes(1, 2))
        features = np.empty((len(lanes), FILTERS, 3, LANES))
        _convolve(lanes, self.neighbours, self.weights.astype(np.float32), self.biases, features)
        return np.moveaxis(features, 3, 1).reshape(-1, 3 * FILTERS)[: len(flat)]

    def _flat(self, fields: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(fields.reshape(len(fields), -1), dtype=np.float32)


@numba.njit(fastmath=True, nogil=True, cache=True)
def _convolve(lanes, neighbours, weights, biases, features):
    """Features of groups of LANES configurations that lie side by side: lanes (groups, sites, LANES)."""
    groups, sites, _ = lanes.shape
    c = np.empty(LANES, dtype=np.float32)
    for g in range(groups):
        for f in range(FILTERS):
            bias = np.float32(biases[f])
            total = features[g, f]
            total[:] = 0.0
            for s in range(sites):
                c[:] = 0
                for t in range(TAPS):
                    row, weight = lanes[g, neighbours[f, t, s]], weights[f, t]
                    for k in range(LANES):
                        c[k] += weight * row[k]
                for k in range(LANES):
                    total[0, k] += abs(c[k])
                    total[1, k] += c[k] * c[k]
                    total[2, k] += max(c[k] - bias, np.float32(0))
            total /= sites
