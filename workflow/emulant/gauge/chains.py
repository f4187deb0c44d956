"""Many Markov chains of angles on links: Hybrid Monte Carlo with or without shifts of the topological charge."""

import math
from dataclasses import dataclass

import numpy as np

from emulant.gauge.arrays import wrapped
from emulant.gauge.charge import topological_charge
from emulant.gauge.exact_sampler import uniform_links
from emulant.gauge.hybrid import advance
from emulant.gauge.plaquettes import plaquette_sums
from emulant.gauge.wilson import schwinger_dyson, stiffness
from emulant.lattice.trajectory import OMELYAN
from emulant.markov.chains import Averages
from emulant.randomness.streams import seeded

__all__ = ["LinkChains", "LinkTrajectory", "starts"]

LENGTH = 1.0
"""Time of a trajectory, the common choice: charges freeze whatever it is."""
ADVANCE = 0.8
"""Mean advance of time with each force in units of the inverse of the largest frequency: the integrator is stable to 1.3."""
VOLUME = 256
"""Plaquettes up to which ADVANCE holds; beyond, errors of the energy add up and it falls like V^(-1/4)."""
LONGEST = 1 / 6
"""Longest step, where beta is so small that nothing limits it: six forces a trajectory."""
WIDTH = 0.1
"""Of the links of a cold start, in radians."""


@dataclass(frozen=True)
class LinkTrajectory:
    """One update: a trajectory, and then a proposal Q -> Q +- 1.

    Arguments:
        steps: force evaluations, even.
        step_size: mean advance of time with each force.
        q_shift: whether the charge is shifted.
        jitter: relative half-width of the step size's uniform distribution.
    """

    steps: int
    step_size: float
    q_shift: bool
    jitter: float = 0.15

    @classmethod
    def of(
        cls, beta: float, shape: tuple[int, ...], q_shift: bool, rectangle: float = 0.0
    ) -> "LinkTrajectory":
        """Choose the steps by the largest frequency of the action, sqrt(8 beta) of Wilson's, and the volume."""
        volume = math.prod(shape[1:])
        fastest = math.sqrt(stiffness(beta, rectangle) + 1e-9)
        largest = ADVANCE / fastest * min(1.0, (VOLUME / volume) ** 0.25)
        steps = 2 * math.ceil(LENGTH / min(largest, LONGEST) / 2)
        return cls(steps, LENGTH / steps, q_shift)


class LinkChains:
    """Independent chains of an action of `gauge.wilson` (`markov.chains.MarkovChains`); the order parameter is Q.

    Arguments:
        links: start, (chains, 2, L_t, L_s).
        beta, rectangle: of the action.
        seed: of all random numbers.
    """

    device = "cpu"

    def __init__(self, links: np.ndarray, beta: float, rectangle: float = 0.0, *, seed: int) -> None:
        self.links = np.ascontiguousarray(wrapped(links.astype(np.float64)))
        self.couplings = (float(beta), float(rectangle))
        self.streams = seeded(np.random.SeedSequence(seed), len(links))
        self.shifts = np.zeros(len(links), np.int64)

    def __len__(self) -> int:
        return len(self.links)

    @property
    def fields(self) -> np.ndarray:
        """Configurations of all chains, (chains, 2, L_t, L_s), a copy."""
        return self.links.copy()

    @property
    def charge(self) -> np.ndarray:
        """Q of each chain, (chains,)."""
        return topological_charge(wrapped(plaquette_sums(self.links)))

    def advance(self, update: LinkTrajectory, count: int = 1) -> np.ndarray:
        """Make `count` updates; returns the acceptance of the trajectories of each chain, (chains,)."""
        accepted = np.zeros(len(self), np.int64)
        moves = (update.steps, update.step_size, update.jitter, OMELYAN, update.q_shift)
        advance(self.links, self.streams, count, *moves, *self.couplings, accepted, self.shifts)
        return accepted / count

    def averages(self) -> Averages:
        """Q and the violation of the Schwinger-Dyson identity of each chain, each (chains,)."""
        return Averages(self.charge, schwinger_dyson(self.links, *self.couplings))

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""
        return {name: vars(self)[name].copy() for name in ("links", "streams", "shifts")}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""
        for name, values in state.items():
            vars(self)[name][...] = values


def starts(
    shape: tuple[int, ...], chains: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw links (chains, *shape), in turn hot, from the Haar measure, and cold, near 0; returns them and which are hot."""
    links, hot = uniform_links((chains, *shape), generator), np.arange(chains) % 2 == 0
    links[~hot] *= WIDTH / math.pi
    return links, hot
