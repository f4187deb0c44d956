"""Laws of the integers on links."""

from collections.abc import Callable
from functools import partial

import numpy as np

from emulant.contracts.observable import Observable
from emulant.worldlines.views import DualView

VALUES = 3
"""0, 1, 2: a link that carries more is rare, and its frequency has no Gaussian error."""


def flux_law(view: DualView) -> np.ndarray:
    """Frequencies of |k| in each direction, (n, 3 d)."""
    return _frequencies(np.abs(view.dual.flux))


def pair_law(view: DualView) -> np.ndarray:
    """Frequencies of l in each direction, (n, 3 d)."""
    return _frequencies(view.dual.pairs)


def _frequencies(integers: np.ndarray) -> np.ndarray:
    flat = integers.reshape(*integers.shape[:2], -1)
    equal = np.stack([(flat == value).mean(2) for value in range(VALUES)], 2)
    return equal.reshape(len(flat), -1)


_declared = partial(
    Observable,
    value=lambda means, shape: means,
    indices=lambda shape: tuple(range(VALUES * (shape[0] // 2))),
    unit="1",
    correlated=True,
)


def _of_direction(integer: str) -> Callable[[int], str]:
    """LaTeX of the frequency of a value, whose integer has a place for the direction."""
    return lambda index: f"P({integer.format(index // VALUES + 1)} = {index % VALUES})"


INDEX = "index 3 (direction - 1) + value, values 0, 1, 2, the last direction is time"
observables = (
    _declared(
        name="flux_law",
        symbol=r"P(|k_\nu|)",
        description=f"frequency of |k|; {INDEX}",
        primaries=flux_law,
        member=_of_direction("|k_{}|"),
    ),
    _declared(
        name="pair_law",
        symbol=r"P(l_\nu)",
        description=f"frequency of l; {INDEX}",
        primaries=pair_law,
        member=_of_direction("l_{}"),
    ),
)
