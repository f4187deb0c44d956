"""The whole evolution of an event: partons, their collisions, hadronisation, collisions of hadrons, decays.

Our own kinetic surrogate, not AMPT: massless partons with one isotropic cross section, boost invariance in the mean,
no baryons, no strangeness, no resonances but a continuum of rho-like clusters.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from emulant.kinetic.cascade import Matter, Stage
from emulant.kinetic.densities import charge_density
from emulant.kinetic.draws import stream_of
from emulant.kinetic.hadronisation import coalesced, decayed
from emulant.kinetic.pair_correlations import pair_sums
from emulant.kinetic.partons import InitialState
from emulant.kinetic.separation import separate

__all__ = ["END", "SLICES", "TIMES", "Event", "Transport"]

TIMES = (0.4, 0.6, 1.0, 2.0, 4.0, 6.0)
"""fm of proper time: the beginning, as soon as matter may count as a gas, and slices to the end of the partons, by which
99 in 100 collisions are over at 1 mb."""
END = 10.0
"""fm at which hadrons cease to collide: 3 in 4 of their collisions, of which there are few at 10 mb, are then over."""
SLICES = (*(f"partons at {time} fm" for time in TIMES), "hadrons", "after decays")


class Event(NamedTuple):
    """What is kept of an event.

    Attributes:
        slices: rho^+-(p_T, phi) at SLICES, (slices, 2, p_T, phi).
        pairs: sums over pairs of final particles, `pair_correlations.COLUMNS`.
    """

    slices: np.ndarray
    pairs: np.ndarray


@dataclass(frozen=True)
class Transport:
    """The law of an event at a charge separation.

    Arguments:
        initial: state.
        partons, hadrons: their collisions.
    """

    initial: InitialState
    partons: Stage
    hadrons: Stage

    def history(self, separation: float, sequence: np.random.SeedSequence) -> Iterator[Matter]:
        """Yield the matter at each of SLICES; it is of use until the next is asked for.

        Raises:
            InputError: where nuclei do not meet, or matter is too dense for its cross section.
        """
        generator = np.random.default_rng(sequence)
        stream = stream_of(np.random.SeedSequence(int(generator.integers(2**62))))
        matter = self.initial.draw(generator)
        separate(matter, separation, generator)
        yield matter
        for start, end in zip(TIMES[:-1], TIMES[1:], strict=True):
            self.partons.evolve(matter, start, end, stream)
            yield matter
        hadrons = coalesced(matter)
        yield hadrons
        self.hadrons.evolve(hadrons, TIMES[-1], END, stream)
        yield decayed(hadrons, stream)

    def event(self, separation: float, sequence: np.random.SeedSequence) -> Event:
        """Evolve an event; raises InputError as `history`."""
        slices = []
        for matter in self.history(separation, sequence):
            slices.append(charge_density(matter))
            last = matter
        return Event(np.array(slices), pair_sums(last))
