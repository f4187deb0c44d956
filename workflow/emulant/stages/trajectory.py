"""Cumulants of fields on their way from the noise, to be held against the exact laws of the path."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from emulant.contracts.family import HasForwardPath
from emulant.statistics.cumulants import ORDER, cumulants
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error

__all__ = ["cumulants_on_the_way"]


def cumulants_on_the_way(
    model: HasForwardPath, moments: Mapping[float, Sequence[np.ndarray]]
) -> pd.DataFrame:
    """kappa_n of x_t at the solver's noise levels, in the path's own units of the field: columns t, n, value, error.

    Arguments:
        model: whose path and unit of the fields are meant.
        moments: noise level s -> site moments (n, ORDER) of fields x_0 + s z, in parts.
    """
    rows = []
    for s, parts in moments.items():
        t, values, errors = _cumulants_at(model, s, np.concatenate(parts))
        rows += [(t, n, values[n - 1], errors[n - 1]) for n in range(2, ORDER + 1, 2)]
    return pd.DataFrame(rows, columns=["t", "n", "value", "error"])


def _cumulants_at(
    model: HasForwardPath, s: float, moments: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Path time, and the cumulants κ₁ … κ₈ of x_t with their errors, at noise s in the units of the fields."""
    unit = model.field_unit()
    t = float(model.path.time_of_ratio(s / unit))
    scale = float(model.path.signal(t)) / unit
    sums = BlockSums(ORDER)
    sums.add(assign_blocks(len(moments)), moments)
    value, samples = jackknife(sums, cumulants)
    scales = np.array([scale**n for n in range(1, ORDER + 1)])
    return t, value * scales, jackknife_error(samples) * scales
