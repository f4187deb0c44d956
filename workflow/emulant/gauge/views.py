"""What observables of a gauge theory are shown of a chunk of links, each quantity computed once on demand."""

from functools import cache, cached_property
from typing import Any

import numpy as np

from emulant.contracts.quantity import Quantity
from emulant.gauge.arrays import wrapped
from emulant.gauge.charge import topological_charge
from emulant.gauge.loops import enclosed, polyakov_angles
from emulant.gauge.plaquettes import plaquette_sums

__all__ = ["Links"]


class Links:
    """Configurations of one system.

    Arguments:
        configurations: (n, 2, L_t, L_s), as stored.
        system: with an action.
    """

    def __init__(self, configurations: np.ndarray, system: Any) -> None:
        self.links = configurations.astype(np.float64, copy=False)
        self.system = system
        self.wilson_loop = cache(self._wilson_loop)

    @cached_property
    def plaquettes(self) -> np.ndarray:
        """Plaquettes in [-pi, pi), (n, L_t, L_s)."""
        return wrapped(plaquette_sums(self.links))

    @cached_property
    def charge(self) -> np.ndarray:
        """Q of each configuration, (n,); raises InputError where it is not whole."""
        return topological_charge(self.plaquettes)

    @cached_property
    def polyakov(self) -> np.ndarray:
        """Angles of the Polyakov loops, (n, L_s)."""
        return polyakov_angles(self.links)

    def _wilson_loop(self, short: int, long: int) -> np.ndarray:
        """Average the Wilson loops of two sides over sites and both orientations, (n,)."""
        orientations = {(short, long), (long, short)}
        loops = [np.cos(enclosed(self.plaquettes, *sides)).mean((-2, -1)) for sides in sorted(orientations)]
        return np.mean(loops, axis=0)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Quantities whose distributions are drawn: the plaquette's angle and the action."""
        return {
            "plaquette": Quantity(self.plaquettes.reshape(len(self.links), -1), r"\theta_p"),
            "S": Quantity(self.system.action(self.links)[:, None], "S", bins=60),
        }
