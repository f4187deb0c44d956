r"""Do independent numbers agree with a value that is known exactly: on average, in their middle, and each by itself?

Errors from the spread of the numbers grow with the fault that they should show: k of n numbers that are far off, however
far, move the mean by at most sqrt(k) such errors. Here the spread is half the distance between the 16th and the 84th
percentile, a standard deviation for a Gaussian, which a sixth of the numbers cannot move. The centre lies half-way between
them: other than the median it keeps the expectation of a law that is skewed, to first order in skewness (E. A. Cornish and
R. A. Fisher, Rev. Inst. Int. Stat. 5 (1938) 307: a quantile at z = +-1 is mu +- sigma + O(skewness) (z^2 - 1)).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

from emulant.statistics.pulls import pull

__all__ = ["FEWEST", "Agreement", "agreement"]

FEWEST = 8
"""Of fewer numbers no percentile says anything."""
OUTER = stats.norm.cdf([-1.0, 1.0])
CENTRE_ERROR = 1.164
"""Of the centre, in units of spread / sqrt(n), for a Gaussian: its variance from the quantiles' is 1.355 / n."""
FREEDOM = 0.54
"""Degrees of freedom of the spread, each number: its relative variance is 0.925 / n, that of a deviation 1 / (2 n)."""
EXPONENTIAL_SPREAD, EXPONENTIAL_CENTRE = 0.834, 1.007
"""Spread and centre of an exponential law of mean 1."""


@dataclass(frozen=True)
class Agreement:
    """Independent numbers and the exact value.

    Attributes:
        groups: how many numbers.
        mean: minus the exact value.
        error: of the mean, spread / sqrt(groups).
        centre: half-way between the 16th and the 84th percentile, minus the exact value.
        centre_error: of the centre.
        worst: number of the one that is farthest from the centre.
        worst_pull: its distance from the centre in units of the spread.
        mean_p, centre_p: two-sided p-values by Student's t.
        worst_p: p-value of the farthest of `groups` numbers, where tails may be as heavy as an exponential's.
    """

    groups: int
    mean: float
    error: float
    centre: float
    centre_error: float
    worst: int
    worst_pull: float
    mean_p: float
    centre_p: float
    worst_p: float

    def record(self) -> dict[str, Any]:
        """Everything by name, ready for JSON, with the pulls of mean and centre."""
        return {
            "groups": self.groups,
            "mean": self.mean,
            "error": self.error,
            "pull": _in_errors(self.mean, self.error),
            "p": self.mean_p,
            "centre": self.centre,
            "centre_error": self.centre_error,
            "centre_pull": _in_errors(self.centre, self.centre_error),
            "centre_p": self.centre_p,
            "worst": self.worst,
            "worst_pull": self.worst_pull,
            "worst_p": self.worst_p,
        }

    @property
    def p(self) -> dict[str, float]:
        """The p-values by name."""
        return {"mean": self.mean_p, "centre": self.centre_p, "worst": self.worst_p}

    def failures(self, false_alarm: float) -> list[str]:
        """Name what disagrees, each test failing a right law with probability `false_alarm`; NaN disagrees."""
        return [name for name, p in self.p.items() if not p > false_alarm]


def agreement(
    numbers: np.ndarray, exact: float = 0.0, *, stretch: float = 1.0, dof: float = np.inf
) -> Agreement:
    """Hold independent numbers against the exact value of their expectation.

    Arguments:
        numbers: (n,), n >= FEWEST; NaN counts as infinity.
        exact: their expectation.
        stretch: by how much errors of the mean and of the centre are larger because the numbers are correlated.
        dof: most degrees of freedom, fewer than those of the spread where the numbers are correlated.
    """
    count, dof = len(numbers), min(dof, FREEDOM * (len(numbers) - 1))
    numbers = np.where(np.isnan(numbers), np.inf, numbers)
    low, high = np.quantile(numbers, OUTER)
    centre, spread = (high + low) / 2, (high - low) / 2
    if not spread > 0:
        # Two thirds of the numbers are one, such as counts of what is rare: percentiles say nothing.
        spread = numbers.std(ddof=1)
    error = stretch * spread / np.sqrt(count)
    mean, middle = float(numbers.mean()) - exact, float(centre) - exact
    distance = np.abs(numbers - centre)
    worst = int(np.argmax(distance))
    far = _in_errors(float(distance[worst]), float(spread))
    return Agreement(
        groups=count,
        mean=mean,
        error=float(error),
        centre=middle,
        centre_error=float(CENTRE_ERROR * error),
        worst=worst,
        worst_pull=far,
        mean_p=_two_sided(_in_errors(mean, error), dof),
        centre_p=_two_sided(_in_errors(middle, CENTRE_ERROR * error), dof),
        worst_p=min(1.0, count * _tail(far, dof)),
    )


def _in_errors(difference: float, error: float) -> float:
    """Divide by the error; infinite where either is not finite, so that no law passes by numbers that ran away."""
    if not np.isfinite([difference, error]).all():
        return np.inf
    return pull(difference, error, 0.0)


def _two_sided(far: float, dof: float) -> float:
    """Student's two-sided p-value."""
    return float(2 * special.stdtr(dof, -abs(far)))


def _tail(far: float, dof: float) -> float:
    """Chance that one number lies so far out: that of an exponential law or Student's, whichever is larger."""
    exponential = np.exp(-min(EXPONENTIAL_CENTRE + EXPONENTIAL_SPREAD * far, 700.0))
    return max(float(exponential), _two_sided(far, dof))
