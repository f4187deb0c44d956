"""Which images of an event are as likely as the event: mirrored at the reaction plane, or turned about the y axis.

Half a turn exchanges the nuclei, so that it needs two that are the same.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from emulant.collisions.events import Events
from emulant.collisions.species import CHARGES
from emulant.collisions.system import Collision

__all__ = ["MIRROR", "TURN", "Symmetry"]

MIRROR, TURN = (1.0, -1.0, 1.0), (-1.0, 1.0, -1.0)
"""Signs of px, py and pz."""

LIMIT = 5.0


@dataclass(frozen=True)
class Symmetry:
    """What leaves the law of events alone.

    Attributes:
        mirror: py to -py.
        half_turn: px and pz to -px and -pz.
    """

    mirror: bool = False
    half_turn: bool = False

    @classmethod
    def of(cls, events: Events, system: Collision | None) -> "Symmetry":
        """What nuclei have, and nothing in the events is against, as a frame or an acceptance of one side would be.

        Mean sums over an event of what changes sign vanish within 5 errors: momenta, (px^2 - py^2) y or px py, and y, of
        baryons and of others.
        """
        px, py = events.momenta[:, :2].T
        mirror = _vanish(events, py, px * py)
        equal = system is not None and system.equal_nuclei and len(events) > 1
        return cls(mirror, equal and _vanish(events, px, events.rapidity, (px**2 - py**2) * events.rapidity))

    @property
    def images(self) -> list[np.ndarray]:
        """Signs of px, py and pz of every image of an event, the event itself first."""
        found = [np.ones(3)]
        for there, signs in ((self.mirror, MIRROR), (self.half_turn, TURN)):
            found += [image * signs for image in found] if there else []
        return found

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `load` needs."""
        return {"symmetry": torch.tensor([self.mirror, self.half_turn])}

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "Symmetry":
        """The inverse of `tensors`; what it uses is taken out of them."""
        return cls(*tensors.pop("symmetry").tolist())


def _vanish(events: Events, *odd: np.ndarray) -> bool:
    """Whether nothing says that sums of `odd` over particles have a mean."""
    if len(events) < 2:
        return True
    baryon = CHARGES[events.species, 0] != 0
    sums = np.column_stack([events.sums(values * own) for values in odd for own in (baryon, ~baryon)])
    error = sums.std(axis=0, ddof=1) / np.sqrt(len(events))
    return bool(np.all(np.abs(sums.mean(axis=0)) <= LIMIT * error + 1e-9))
