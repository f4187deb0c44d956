"""Evidence that an ensemble is in equilibrium; without it no reference is written."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import stats

from emulant.markov.chains import MarkovChains
from emulant.statistics.autocorrelation import integrated_time

__all__ = ["FALSE_ALARM", "Evidence", "Gate", "NotEquilibrated", "thermalise"]

FALSE_ALARM = 1e-4
"""Probability with which each test turns an equilibrated block away: 3e-4 a block, and a longer block decides then."""
BLOCK = 40
"""Updates of the first block; each further one is twice as long."""


class NotEquilibrated(RuntimeError):
    """The chains did not reach equilibrium; the message carries the evidence."""


@dataclass(frozen=True)
class Evidence:
    """What hot and cold chains say; "size" is the order parameter's absolute value.

    Attributes:
        hot_cold_p: p-value that chain means of the size agree between hot and cold starts (Welch).
        distribution_p: p-value that last sizes of hot and cold chains share a distribution (Kolmogorov-Smirnov).
        walls: hot chains whose mean size lies below all that cold chains ever showed, beyond chance.
        schwinger_dyson: the identity minus its expectation over its error, from independent chain means.
    """

    hot_cold_p: float
    distribution_p: float
    walls: int
    schwinger_dyson: float

    @property
    def accepted(self) -> bool:
        """All four hold."""
        limit = stats.norm.isf(FALSE_ALARM / 2)
        agree = min(self.hot_cold_p, self.distribution_p) > FALSE_ALARM
        return agree and self.walls == 0 and abs(self.schwinger_dyson) < limit


@dataclass(frozen=True)
class Gate:
    """The test of a block of updates.

    Arguments:
        identity: exact expectation of what the chains measure as `Averages.identity`; 1 for phi dS/dphi per site.
    """

    identity: float = 1.0

    def weigh(self, order_parameter: np.ndarray, identity: np.ndarray, hot: np.ndarray) -> Evidence:
        """Judge a block; chains are independent, so that autocorrelation does not matter.

        Arguments:
            order_parameter: of each chain and time, (chains, n).
            identity: of each chain and time, (chains, n).
            hot: which chains started hot, (chains,) bool.
        """
        size = np.abs(order_parameter)
        means, last = size.mean(1), size[:, -1]
        with np.errstate(invalid="ignore"):
            welch = stats.ttest_ind(means[hot], means[~hot], equal_var=False).pvalue
        # Cold chains show the ordered phase: what lies below almost all of their values is a domain wall.
        floor = np.quantile(size[~hot], 1e-3) - 3 * size[~hot].std()
        chain_means = identity.mean(1)
        error = chain_means.std(ddof=1) / np.sqrt(len(chain_means))
        return Evidence(
            hot_cold_p=float(np.nan_to_num(welch, nan=1.0)),
            distribution_p=float(stats.ks_2samp(last[hot], last[~hot]).pvalue),
            walls=int((means[hot] < floor).sum()),
            schwinger_dyson=float((chain_means.mean() - self.identity) / error),
        )


def thermalise(
    chains: MarkovChains, update: Any, hot: np.ndarray, *, gate: Gate | None = None, patience: int = 6
) -> tuple[dict, float]:
    """Throw blocks of updates away, each twice as long as the last, until the evidence is accepted.

    Returns the evidence with the number of updates thrown away, and tau_int of the order parameter's size in the last
    block.

    Raises:
        NotEquilibrated: after `patience` blocks.
    """
    gate, length, thrown = gate or Gate(), BLOCK, 0
    for _ in range(patience):
        order_parameter, identity = np.empty((2, len(chains), length))
        for n in range(length):
            chains.advance(update)
            order_parameter[:, n], identity[:, n] = chains.averages()
        thrown += length
        evidence = gate.weigh(order_parameter, identity, hot)
        if evidence.accepted:
            tau = max(0.5, float(integrated_time(np.abs(order_parameter))[0]))
            return {"trajectories": thrown, **asdict(evidence)}, tau
        length *= 2
    raise NotEquilibrated(
        f"after {thrown} updates chains from hot and cold starts are not in one equilibrium: {evidence}"
    )
