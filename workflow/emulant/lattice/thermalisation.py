"""Evidence that an ensemble is in equilibrium; without it no reference is written."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from emulant.lattice.action import schwinger_dyson

__all__ = ["Evidence", "NotEquilibrated", "schwinger_dyson_deviation", "weigh"]

FALSE_ALARM = 1e-4


class NotEquilibrated(RuntimeError):
    """The chains did not reach equilibrium; the message carries the evidence."""


@dataclass(frozen=True)
class Evidence:
    """What hot and cold chains say.

    Attributes:
        hot_cold_p: p-value that chain means of abs M agree between hot and cold starts (Welch).
        distribution_p: p-value that last abs M of hot and cold chains share a distribution (Kolmogorov-Smirnov).
        walls: hot chains whose last abs M lies below all that cold chains ever showed, beyond chance.
        schwinger_dyson: (<phi dS/dphi> - 1) over its error, from independent chain means.
    """

    hot_cold_p: float
    distribution_p: float
    walls: int
    schwinger_dyson: float

    @property
    def accepted(self) -> bool:
        """All four hold; each false alarm has probability 1e-4, walls need more than chance gives."""
        limit = stats.norm.isf(FALSE_ALARM / 2)
        agree = min(self.hot_cold_p, self.distribution_p) > FALSE_ALARM
        return agree and self.walls == 0 and abs(self.schwinger_dyson) < limit


def weigh(magnetisation: np.ndarray, identity: np.ndarray, hot: np.ndarray) -> Evidence:
    """Judge a block of trajectories.

    Arguments:
        magnetisation: M of each chain and time, (chains, n).
        identity: phi dS/dphi per site of each chain and time, (chains, n).
        hot: which chains started hot, (chains,) bool.
    """
    size = np.abs(magnetisation)
    means, last = size.mean(1), size[:, -1]
    with np.errstate(invalid="ignore"):
        welch = stats.ttest_ind(means[hot], means[~hot], equal_var=False).pvalue
    floor = np.quantile(size[~hot], 1e-3) - 3 * size[~hot].std()
    chain_means = identity.mean(1)
    error = chain_means.std(ddof=1) / np.sqrt(len(chain_means))
    return Evidence(
        hot_cold_p=float(np.nan_to_num(welch, nan=1.0)),
        distribution_p=float(stats.ks_2samp(last[hot], last[~hot]).pvalue),
        walls=int((means[hot] < floor).sum()),
        schwinger_dyson=float((chain_means.mean() - 1) / error),
    )


def schwinger_dyson_deviation(fields: np.ndarray, kappa: float, coupling: float) -> tuple[float, float]:
    """<phi dS/dphi> - 1 of any ensemble (N, *shape) and its error, from up to 64 blocks of successive rows."""
    values = schwinger_dyson(fields, kappa, coupling)
    blocks = np.array([part.mean() for part in np.array_split(values, min(64, len(values)))])
    return float(blocks.mean() - 1), float(blocks.std(ddof=1) / np.sqrt(len(blocks)))
