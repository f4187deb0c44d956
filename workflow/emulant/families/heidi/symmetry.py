"""Symmetries of the distribution of events: reflection at the reaction plane, and half a turn about the y axis.

Half a turn exchanges the nuclei, so it is a symmetry only for identical ones.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from emulant.collisions.events import Events
from emulant.collisions.species import CHARGES
from emulant.systems.collision.system import Collision

__all__ = ["MIRROR", "TURN", "Symmetry"]

MIRROR, TURN = (1.0, -1.0, 1.0), (-1.0, 1.0, -1.0)
"""Signs of px, py and pz under the reflection and under half a turn."""

LIMIT = 5.0
"""Standard errors beyond which a mean contradicts a symmetry: far enough that none of the few tests fails by chance."""


@dataclass(frozen=True)
class Symmetry:
    """Symmetries of the distribution of events.

    Attributes:
        mirror: py -> -py.
        half_turn: (px, pz) -> (-px, -pz).
    """

    mirror: bool = False
    half_turn: bool = False

    @classmethod
    def of(cls, events: Events, system: Collision | None) -> "Symmetry":
        """Return the symmetries of the nuclei that the events do not contradict (by frame or a one-sided acceptance).

        The means of odd quantities, summed over an event, must vanish within LIMIT standard errors: momenta, px py or
        (px^2 - py^2) y, and y, of baryons and of other particles.
        """
        px, py = events.momenta[:, :2].T
        mirror = _vanish(events, py, px * py)
        equal = system is not None and system.equal_nuclei and len(events) > 1
        return cls(mirror, equal and _vanish(events, px, events.rapidity, (px**2 - py**2) * events.rapidity))

    @property
    def images(self) -> list[np.ndarray]:
        """Signs of px, py and pz of every image of an event, each (3,), the identity first."""
        signs_of_images = [np.ones(3)]
        for applies, signs in ((self.mirror, MIRROR), (self.half_turn, TURN)):
            signs_of_images += [image * signs for image in signs_of_images] if applies else []
        return signs_of_images

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors that `load` reads."""
        return {"symmetry": torch.tensor([self.mirror, self.half_turn])}

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "Symmetry":
        """Invert `tensors`; the entries used are removed from the dictionary."""
        return cls(*tensors.pop("symmetry").tolist())


def _vanish(events: Events, *odd: np.ndarray) -> bool:
    """Return whether the means of sums of `odd` (n,) over baryons and over other particles vanish within LIMIT errors."""
    if len(events) < 2:
        return True
    baryon = CHARGES[events.species, 0] != 0
    sums = np.column_stack(
        [events.sums(values * selected) for values in odd for selected in (baryon, ~baryon)]
    )
    error = sums.std(axis=0, ddof=1) / np.sqrt(len(events))
    return bool(np.all(np.abs(sums.mean(axis=0)) <= LIMIT * error + 1e-9))
