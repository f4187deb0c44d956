"""Constructors of the observables of points in the plane."""

from collections.abc import Callable

import numpy as np

from emulant.contracts.observable import Observable
from emulant.plane.points import COLUMNS
from emulant.statistics.cumulants import cumulants

__all__ = ["even_orders", "marginal_cumulants", "mean_of"]

# Up to ORDER; the odd ones vanish by symmetry.
EVEN = (2, 4, 6, 8)


def even_orders(
    name: str, symbol: str, description: str, value: Callable[[np.ndarray], np.ndarray]
) -> Observable:
    """Declare an observable with one real number for each even order, from means (..., 19) of a complex variable."""
    return Observable(
        name=name,
        symbol=symbol,
        description=f"{description}; index n",
        primaries=lambda points: points.complex_moments,
        value=lambda means, shape: value(means),
        indices=lambda shape: EVEN,
        correlated=True,
    )


def marginal_cumulants(axis: str) -> Observable:
    """Declare the even cumulants of the symmetric marginal in x or y."""
    return Observable(
        name=f"kappa_{axis}",
        symbol=rf"\kappa_n({axis})",
        description=f"cumulants of {axis}, symmetric under {axis} -> -{axis}, kappa_2 = <{axis}^2>; index n",
        primaries=lambda points: points.powers("xy".index(axis)),
        value=lambda means, shape: cumulants(means)[..., 1::2],
        indices=lambda shape: EVEN,
        correlated=True,
    )


def mean_of(column: str, name: str, symbol: str, description: str) -> Observable:
    """Declare the mean of one of COLUMNS."""
    index = COLUMNS.index(column)
    return Observable(
        name=name,
        symbol=symbol,
        description=description,
        primaries=lambda points: points.complex_moments,
        value=lambda means, shape: means[..., index : index + 1],
        integrated=True,
    )
