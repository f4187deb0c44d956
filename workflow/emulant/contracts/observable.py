"""The contract of an observable: a number with a statistical error, measured on an ensemble."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Observable"]


@dataclass(frozen=True, kw_only=True)
class Observable:
    """A smooth function of the means of primaries; errors, covariances and comparisons follow from these two.

    Arguments:
        name: as in the tables and the configuration.
        symbol: LaTeX, with `n`, `r` or `k` for the index; where there is `member`, of all indices together.
        description: one line: what it is and by which convention.
        primaries: view of configurations -> (n, columns), one row per configuration.
        value: means (..., columns) and site shape -> (..., indices).
        indices: site shape -> the integers of the column `index`.
        unit: of the value.
        integrated: a single number of the whole field, on which a model must agree with its reference.
        correlated: the indices are judged once, through their covariance.
        member: LaTeX of an index, where its number would say nothing: the proton, a bin of rapidity.
        judged: False where numbers are shown whose errors are too coarse for a test.
    """

    name: str
    symbol: str
    description: str
    primaries: Callable[[Any], np.ndarray]
    value: Callable[[np.ndarray, tuple[int, ...]], np.ndarray]
    indices: Callable[[tuple[int, ...]], tuple[int, ...]] = lambda shape: (0,)
    unit: str = "lattice units"
    integrated: bool = False
    correlated: bool = False
    member: Callable[[int], str] | None = None
    judged: bool = True
