"""What posteriors of bags of some size know of each parameter."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy import stats

from emulant.statistics.calibration import randomised_ranks
from emulant.statistics.two_sample import area_under_curve

__all__ = ["summary_of"]

DEFORMED = 0.375
"""Magnitude, over the largest, from which on it is felt linearly: near zero events feel its square, which is known to
N^(-1/2), so that the magnitude is known to N^(-1/4) there, and to N^(-1/2) elsewhere."""


def summary_of(
    parameters: Sequence[str], name: str, events: int, draws: np.ndarray, truth: np.ndarray
) -> Iterator[dict[str, Any]]:
    """Yield one row for each parameter, of a model that was shown so many events of each bag.

    Columns: model, parameter, events, rmse (of the mean), rmse_magnitude (of the mean of the absolute value), sign (area
    under the curve of the share of positive draws), deviation (mean of the posterior's), deviation_magnitude,
    deviation_deformed (the same of bags with a magnitude above DEFORMED), ranks (p-value of their uniformity), coverage_68.

    Arguments:
        parameters: names.
        name: of the model.
        events: that it was shown.
        draws: (draws, N, d).
        truth: (N, d).
    """
    u = randomised_ranks(truth, draws, np.random.default_rng(0))
    for k, parameter in enumerate(parameters):
        drawn, true = draws[..., k], truth[:, k]
        magnitude, deformed = np.abs(drawn), np.abs(true) > DEFORMED * np.abs(true).max()
        yield {
            "model": name,
            "parameter": parameter,
            "events": events,
            "rmse": float(np.sqrt(np.square(drawn.mean(0) - true).mean())),
            "rmse_magnitude": float(np.sqrt(np.square(magnitude.mean(0) - np.abs(true)).mean())),
            "sign": _area((drawn > 0).mean(0), true > 0),
            "deviation": float(drawn.std(0).mean()),
            "deviation_magnitude": float(magnitude.std(0).mean()),
            "deviation_deformed": float(magnitude.std(0)[deformed].mean()),
            "ranks": float(stats.kstest(u[:, k], "uniform").pvalue),
            "coverage_68": float((np.abs(u[:, k] - 0.5) < 0.6827 / 2).mean()),
        }


def _area(score: np.ndarray, positive: np.ndarray) -> float:
    """Area under the curve of a score; 1/2 where there is one class."""
    first, second = score[positive], score[~positive]
    if not len(first) or not len(second):
        return 0.5
    return area_under_curve(first, second)
