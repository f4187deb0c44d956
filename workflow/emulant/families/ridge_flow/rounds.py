r"""What keeps a fit in rounds on its way: how far along S_t a round goes, and how long its step is.

A Gauss-Newton step is right to first order in the change of the flow. So a round goes no further along the path than where
ln w of the flow as it is varies by REACH, and its step is halved until fresh samples say that it did no harm.
"""

from typing import NamedTuple

from torch import Tensor

__all__ = ["HALVINGS", "REACH", "TRIAL", "WORSE", "Drawn", "length_of", "ridge_of"]

REACH = 8.0
"""Variance of ln w up to which one step brings the flow most of the way: from 2 to 7 it fell by factors of 10 to 50 on 14 to
32 sites squared (docs/samplers.md)."""
TRIAL = 256
"""Fresh samples that a step is tried on, a quarter of a round's, which alone would tell a step that fits their noise."""
WORSE = 1.5
"""Factor by which the variance of a trial may exceed that before the step: four errors of a variance of TRIAL samples."""
HALVINGS = 4
"""Lengths that are tried: below an eighth of a step the weights stay as they are."""
FULL = 4
"""Full steps at the end of the path, after which steps are noise on every lattice up to 32 sites squared; then they are
averaged."""


class Drawn(NamedTuple):
    """Samples of the flow whose weight is known at any part t of the interaction.

    Attributes:
        first: -S_0 - log q, (N,) float64.
        added: S_0 - S, (N,) float64.
    """

    first: Tensor
    added: Tensor

    def log_weight(self, part: float) -> Tensor:
        """-S_t - log q, (N,) float64."""
        return self.first + part * self.added

    def furthest(self, part: float) -> float:
        """The largest t up to `part` at which ln w varies by REACH at most; where it varies least, if it does nowhere.

        Fields that are not finite say nothing, and it is `part`.
        """
        centred = self.added - self.added.mean()
        slope = float(centred.square().mean())
        lowest = -float((centred * self.first).mean()) / slope if slope > 0 else part
        spare = REACH - float(self.log_weight(lowest).var())
        reached = lowest + (max(spare, 0.0) / slope) ** 0.5 if slope > 0 else part
        return min(part, reached)


def length_of(number: int) -> float:
    """Part of a Gauss-Newton step that the round of this number at the end of the path takes, from 0 on.

    Each step leads to an estimate of the same weights with the noise of its samples: FULL ones, 1/2, 1/3 ... average them.
    """
    return 1 / max(1, number - FULL + 2)


def ridge_of(ridge: float, spread: float) -> float:
    """Ridge of a round in which ln w has the variance `spread`: less of it where little is left to explain.

    What a linear step errs by goes with the residual, and so does the ridge that it needs (Yamashita and Fukushima, 2001);
    one that stays leaves the weights of rare directions far off for many rounds.
    """
    return ridge * min(1.0, spread)
