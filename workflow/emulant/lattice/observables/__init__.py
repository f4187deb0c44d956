"""Observables of fields: one file each, found by listing this folder.

A file declares `observable = Observable(...)`: which primaries of each configuration it needs, and its value
as a smooth function of their means. Errors, correlations and comparisons follow from these two.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import numpy as np

from emulant.errors import InputError
from emulant.lattice.fields import Fields

__all__ = ["Observable", "applicable", "observables"]


@dataclass(frozen=True, kw_only=True)
class Observable:
    """A number, or one for each index, with all that is needed to measure it.

    Arguments:
        name: as in the tables and the configuration.
        symbol: LaTeX, with `n`, `r` or `k` for the index.
        description: one line: what it is and by which convention.
        primaries: fields -> (n, columns), one row per configuration.
        value: means (..., columns) and site shape -> (..., indices).
        indices: site shape -> the integers of the column `index`.
        unit: of the value.
        integrated: a single number of the whole field, on which a model must agree with its reference.
        correlated: the indices are judged once, through their covariance.
        lattice_only: makes no sense for a single degree of freedom.
    """

    name: str
    symbol: str
    description: str
    primaries: Callable[[Fields], np.ndarray]
    value: Callable[[np.ndarray, tuple[int, ...]], np.ndarray]
    indices: Callable[[tuple[int, ...]], tuple[int, ...]] = lambda shape: (0,)
    unit: str = "lattice units"
    integrated: bool = False
    correlated: bool = False
    lattice_only: bool = True

    def applies(self, shape: tuple[int, ...]) -> bool:
        """Whether it is defined for configurations of this shape."""
        return not self.lattice_only or int(np.prod(shape)) > 1


@cache
def observables() -> dict[str, Observable]:
    """All observables in this folder by name."""
    files = sorted(module.name for module in iter_modules(__path__))
    found = [import_module(f"{__name__}.{file}").observable for file in files]
    return {observable.name: observable for observable in found}


def applicable(
    names: Iterable[str] | None, shape: tuple[int, ...], *, source: str = "observables"
) -> list[Observable]:
    """The named observables, or all that make sense for the shape.

    Raises:
        InputError: for an unknown name, or a named observable that is not defined for the shape.
    """
    known = observables()
    if names is None:
        return [o for o in known.values() if o.applies(shape)]
    for name in names:
        if name not in known:
            raise InputError(source, "observables", f"one of {', '.join(known)}", name)
        if not known[name].applies(shape):
            raise InputError(source, "observables", f"observables defined for the shape {shape}", name)
    return [known[name] for name in names]
