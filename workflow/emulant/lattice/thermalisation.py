"""Evidence that an ensemble is in equilibrium; without it no reference is written."""

from dataclasses import asdict, dataclass

import numpy as np
from scipy import stats

from emulant.lattice.trajectory import MarkovChains, Trajectory
from emulant.statistics.autocorrelation import integrated_time

__all__ = [
    "FALSE_ALARM",
    "Evidence",
    "NotEquilibrated",
    "starts",
    "thermalise",
    "weigh",
]

FALSE_ALARM = 1e-4
BLOCK = 40


class NotEquilibrated(RuntimeError):
    """The chains did not reach equilibrium; the message carries the evidence."""


@dataclass(frozen=True)
class Evidence:
    """What hot and cold chains say.

    Attributes:
        hot_cold_p: p-value that chain means of abs M agree between hot and cold starts (Welch).
        distribution_p: p-value that last abs M of hot and cold chains share a distribution (Kolmogorov-Smirnov).
        walls: hot chains whose mean abs M lies below all that cold chains ever showed, beyond chance.
        schwinger_dyson: (<phi dS/dphi> - 1) over its error, from independent chain means.
    """

    hot_cold_p: float
    distribution_p: float
    walls: int
    schwinger_dyson: float

    @property
    def accepted(self) -> bool:
        """All four hold.

        Each of the first, second and last turns an equilibrated block away with probability FALSE_ALARM, the
        block 3e-4 in all; the next block, twice as long, decides then.
        """
        limit = stats.norm.isf(FALSE_ALARM / 2)
        agree = min(self.hot_cold_p, self.distribution_p) > FALSE_ALARM
        return agree and self.walls == 0 and abs(self.schwinger_dyson) < limit


def starts(
    generator: np.random.Generator, chains: int, shape: tuple[int, ...], kappa: float, coupling: float
) -> tuple[np.ndarray, np.ndarray]:
    """Fields (chains, *shape) and which of them are hot (chains,).

    Even chains start hot, from N(0, 1); odd ones cold, near the two classical minima of the action in turn.
    """
    fields = generator.standard_normal((chains, *shape), dtype=np.float32)
    number = np.arange(chains)
    hot = number % 2 == 0
    mass = 2 * len(shape) * kappa - 1 + 2 * coupling
    minimum = np.sqrt(mass / (2 * coupling)) if coupling > 0 and mass > 0 else 0.0
    centre = np.where(hot, 0.0, minimum * np.where(number % 4 == 1, 1.0, -1.0))
    width = np.where(hot, 1.0, 0.1)
    column = (-1, *[1] * len(shape))
    return (width.reshape(column) * fields + centre.reshape(column)).astype(np.float32), hot


def thermalise(
    chains: MarkovChains, trajectory: Trajectory, hot: np.ndarray, *, patience: int = 6
) -> tuple[dict, float]:
    """Throw blocks of trajectories away, each twice as long as the last, until the evidence is accepted.

    Returns the evidence with the number of trajectories thrown away, and tau_int(abs M) of the last block.

    Raises:
        NotEquilibrated: after `patience` blocks.
    """
    length, thrown = BLOCK, 0
    for _ in range(patience):
        magnetisation, identity = np.empty((2, len(chains), length))
        for n in range(length):
            chains.advance(trajectory)
            magnetisation[:, n], identity[:, n] = chains.averages()
        thrown += length
        evidence = weigh(magnetisation, identity, hot)
        if evidence.accepted:
            tau = max(0.5, float(integrated_time(np.abs(magnetisation))[0]))
            return {"trajectories": thrown, **asdict(evidence)}, tau
        length *= 2
    raise NotEquilibrated(
        f"after {thrown} trajectories chains from hot and cold starts are not in one equilibrium: {evidence}"
    )


def weigh(magnetisation: np.ndarray, identity: np.ndarray, hot: np.ndarray) -> Evidence:
    """Judge a block of trajectories; chains are independent, so that autocorrelation does not matter.

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
