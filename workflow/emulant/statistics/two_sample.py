"""Two-sample tests of independent configurations, without knowledge of the physics.

All return a `TwoSample`; small p-values say that the samples come from different distributions.
"""

from typing import NamedTuple

import numba
import numpy as np
from scipy import stats

__all__ = [
    "RandomFeatures",
    "TwoSample",
    "area_under_curve",
    "classifier_test",
    "memorisation_test",
    "nearest_distances",
    "sign_balance_test",
]

# 96 features: more see more shapes, but the fit needs more configurations. Cost grows with FILTERS * TAPS.
FILTERS = 32
TAPS = 5
# float32 numbers in a vector register of 512 bits.
LANES = 16
# Inverse strength of the L2 penalty of the logistic regression, strong: few configurations, 96 correlated features.
PENALTY = 1e-3
# With four references a configuration the error is 12 % above that of any number of them: sqrt(1 + 1 / 4).
LARGEST_RATIO = 4
# Share of the pool that counts as near: enough distances for a binomial error, few enough to be copies.
NEAREST_SHARE = 0.05
# With fewer sites, neighbours may be as close as the rounding of squared norms in float32.
MANY_SITES = 64


class TwoSample(NamedTuple):
    """A statistic, its mean and standard deviation for a right model, and the p-value."""

    statistic: float
    null: float
    error: float
    p: float


def classifier_test(sample: np.ndarray, reference: np.ndarray, seed: int) -> TwoSample:
    """Compute the area under the ROC curve of a classifier trained to separate the samples; 1/2 for equal laws.

    Logistic regression on features, fitted on one half of the configurations and scored on the other, so that
    the score is a Mann-Whitney statistic with its exact null error (D. Lopez-Paz and M. Oquab,
    arXiv:1610.06545, with the area in place of the accuracy). One-sided: worse than chance is chance.

    Arguments:
        sample: features of independent configurations, shape (N, k), for example by `RandomFeatures`.
        reference: features of the reference, shape (M, k); at most 4 N of them are used.
        seed: of the split.
    """
    # The import takes half a second, and only this test needs it.
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
    sample_score, reference_score = score[label[~fit]], score[~label[~fit]]
    area = area_under_curve(sample_score, reference_score)
    error = np.sqrt(
        (len(sample_score) + len(reference_score) + 1) / (12 * len(sample_score) * len(reference_score))
    )
    return TwoSample(area, 0.5, float(error), float(stats.norm.sf((area - 0.5) / error)))


def area_under_curve(upper: np.ndarray, lower: np.ndarray) -> float:
    """Chance that a score of `upper`, (N,), is above one of `lower`, (M,), equal ones by half."""
    return float(stats.mannwhitneyu(upper, lower).statistic / (len(upper) * len(lower)))


def memorisation_test(generated: np.ndarray, held_out: np.ndarray) -> TwoSample:
    """Test whether generated configurations are closer to the training set than held-out ones are.

    Without copying, the number of generated configurations among the 5 % of smallest distances in the pool of both
    samples is hypergeometric (exact). Equal distances, as those of whole numbers, are put in an order by chance.

    Arguments:
        generated: `nearest_distances` of the generated configurations, shape (N,).
        held_out: `nearest_distances` of configurations that no training used, shape (M,).

    Returns:
        The share of generated configurations among the smallest distances; its null value is N / (N + M).
    """
    distance = np.concatenate([generated, held_out])
    total, generated_count = len(distance), len(generated)
    smallest = max(1, int(NEAREST_SHARE * total))
    order = np.random.default_rng(0).permutation(total)
    nearest = order[np.argsort(distance[order], kind="stable")[:smallest]]
    count = int(np.sum(nearest < generated_count))
    null = stats.hypergeom(total, generated_count, smallest)
    return TwoSample(
        count / smallest, generated_count / total, null.std() / smallest, float(null.sf(count - 1))
    )


def nearest_distances(points: np.ndarray, training: np.ndarray, chunk: int = 512) -> np.ndarray:
    """Compute the squared Euclidean distance of each configuration to its nearest training neighbour, shape (N,).

    The neighbour is found in float32 where configurations have many sites, so that two of them are never as close
    as their norms' rounding; its distance is then computed from the difference in float64.

    Arguments:
        points: shape (N, *shape).
        training: shape (T, *shape).
        chunk: points compared with all training configurations at a time.
    """
    candidates, flat = training.reshape(len(training), -1), points.reshape(len(points), -1)
    precision = np.float32 if candidates.shape[1] >= MANY_SITES else np.float64
    candidates, flat = candidates.astype(precision, copy=False), flat.astype(precision, copy=False)
    half_norm = 0.5 * np.einsum("ni,ni->n", candidates, candidates)
    nearest = [
        np.argmax(flat[i : i + chunk] @ candidates.T - half_norm, axis=1) for i in range(0, len(flat), chunk)
    ]
    difference = flat.astype(np.float64) - candidates[np.concatenate(nearest)]
    return np.einsum("ni,ni->n", difference, difference)


def sign_balance_test(magnetisation: np.ndarray, tau_int: float = 0.5) -> TwoSample:
    """Test the share of configurations with M > 0 against 1/2, binomial in N / (2 tau_int) independent ones."""
    effective = max(1, round(len(magnetisation) / (2 * tau_int)))
    share = float(np.mean(magnetisation > 0))
    p = stats.binomtest(round(share * effective), effective).pvalue
    return TwoSample(share, 0.5, 0.5 / np.sqrt(effective), float(p))


class RandomFeatures:
    """Means over sites of |c|, c^2 and max(c - b, 0) for random periodic convolutions c of random range.

    The filters reach over any distance and direction of a lattice of any dimension; in zero dimensions a filter is a
    random scale. The unit of the field and the biases b come from the reference.

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
        shifted_sites = (sites + offsets[..., None]) % np.array(shape)[:, None]
        self.neighbours = np.ravel_multi_index(tuple(np.moveaxis(shifted_sites, 2, 0)), shape)
        self.weights = rng.normal(size=(FILTERS, TAPS)) / (np.sqrt(TAPS) * reference.std())
        drawn = self._flat(reference[rng.integers(len(reference), size=FILTERS)])
        filtered = np.einsum(
            "ft,fts->fs", self.weights, np.take_along_axis(drawn[:, None], self.neighbours, 2)
        )
        self.biases = rng.permuted(filtered, axis=1)[:, 0]

    def __call__(self, fields: np.ndarray) -> np.ndarray:
        """Compute the features of fields (N, *shape), shape (N, 3 * filters)."""
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
    """Compute features of groups of LANES configurations side by side, `lanes` (groups, sites, LANES)."""
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
