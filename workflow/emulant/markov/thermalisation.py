"""Evidence that an ensemble is in equilibrium; without it no reference is written."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import stats

from emulant.errors import InputError
from emulant.markov.chains import MarkovChains
from emulant.statistics.agreement import Agreement, agreement
from emulant.statistics.autocorrelation import integrated_time

__all__ = ["FALSE_ALARM", "Evidence", "Gate", "NotEquilibrated", "thermalise", "unmoved"]

FALSE_ALARM = 1e-4
"""Probability with which each test turns an equilibrated block away: 6e-4 a block, and a longer block decides then."""
BLOCK = 40
"""Updates of the first block; each further one is twice as long."""


class NotEquilibrated(InputError):
    """The chains did not reach equilibrium; the message, a line, carries the evidence."""

    def __init__(self, expected: str, got: object) -> None:
        super().__init__("Markov chains", "equilibrium", expected, got)


def unmoved(acceptance: np.ndarray, updates: int) -> int:
    """Count chains of which no update was accepted, where so many updates would not all be rejected by chance.

    Arguments:
        acceptance: of each chain, (chains,).
        updates: of each chain.
    """
    still = acceptance == 0
    if still.all():
        return len(still)
    by_chance = len(still) * (1 - acceptance[~still].mean()) ** updates
    return int(still.sum()) if by_chance < FALSE_ALARM else 0


@dataclass(frozen=True)
class Evidence:
    """What hot and cold chains say; "size" is the order parameter's absolute value.

    Attributes:
        hot_cold_p: p-value that chain means of the size agree between hot and cold starts (Welch).
        distribution_p: p-value that last sizes of hot and cold chains share a distribution (Kolmogorov-Smirnov).
        walls: hot chains whose mean size lies below all that cold chains ever showed, beyond chance.
        unmoved: chains of which no update was accepted, beyond chance.
        schwinger_dyson: the identity minus its expectation over its error, from independent chain means.
        identity: the same chain means by errors that do not grow with the chains that are off.
    """

    hot_cold_p: float
    distribution_p: float
    walls: int
    unmoved: int
    schwinger_dyson: float
    identity: Agreement

    @property
    def accepted(self) -> bool:
        """All hold."""
        limit = stats.norm.isf(FALSE_ALARM / 2)
        agree = min(self.hot_cold_p, self.distribution_p) > FALSE_ALARM
        alike = agree and self.walls == 0 and self.unmoved == 0
        return alike and abs(self.schwinger_dyson) < limit and not self.identity.failures(FALSE_ALARM)

    def __str__(self) -> str:
        """Write the evidence in a line."""
        identity = self.identity
        return (
            f"p = {self.hot_cold_p:.2g} and {self.distribution_p:.2g} of hot against cold, {self.walls} walls,"
            f" {self.unmoved} of {identity.groups} chains that never moved, the identity off by"
            f" {identity.mean:.3g} +- {identity.error:.2g} in the mean, {identity.centre:.3g} +- {identity.centre_error:.2g}"
            f" in the centre of the chains, and chain {identity.worst} by {identity.worst_pull:.3g} times their spread"
        )


@dataclass(frozen=True)
class Gate:
    """The test of a block of updates.

    Arguments:
        identity: exact expectation of what the chains measure as `Averages.identity`; 1 for phi dS/dphi per site.
    """

    identity: float = 1.0

    def weigh(
        self, order_parameter: np.ndarray, identity: np.ndarray, hot: np.ndarray, acceptance: np.ndarray
    ) -> Evidence:
        """Judge a block; chains are independent, so that autocorrelation does not matter.

        Arguments:
            order_parameter: of each chain and time, (chains, n).
            identity: of each chain and time, (chains, n).
            hot: which chains started hot, (chains,) bool.
            acceptance: of each chain, (chains,).
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
            # Without any spread there is no test, unless chains are not finite.
            hot_cold_p=float(np.nan_to_num(welch, nan=float(np.isfinite(means).all()))),
            distribution_p=float(stats.ks_2samp(last[hot], last[~hot]).pvalue),
            walls=int((means[hot] < floor).sum()),
            unmoved=unmoved(acceptance, identity.shape[1]),
            schwinger_dyson=float((chain_means.mean() - self.identity) / error),
            identity=agreement(chain_means, self.identity),
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
        acceptance = np.zeros(len(chains))
        for n in range(length):
            acceptance += chains.advance(update) / length
            order_parameter[:, n], identity[:, n] = chains.averages()
        thrown += length
        evidence = gate.weigh(order_parameter, identity, hot, acceptance)
        if evidence.accepted:
            tau = max(0.5, float(integrated_time(np.abs(order_parameter))[0]))
            return {"trajectories": thrown, **asdict(evidence)}, tau
        length *= 2
    raise NotEquilibrated(f"chains from hot and cold starts in one law after {thrown} updates", evidence)
