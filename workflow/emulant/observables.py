"""Observables, found by listing the folders of PACKAGES.

A file declares `observable = Observable(...)`, or `observables`, several of a kind: which primaries of each configuration
it needs, and its value as a smooth function of their means. Errors, correlations and comparisons follow from these two.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import numpy as np

from emulant.errors import InputError

__all__ = ["PACKAGES", "Observable", "applicable", "observables"]

PACKAGES = (
    "emulant.lattice.observables",
    "emulant.plane.observables",
    "emulant.langevin.bose_gas.observables",
    "emulant.collisions.observables",
)


@dataclass(frozen=True, kw_only=True)
class Observable:
    """A number, or one for each index, with all that is needed to measure it.

    Arguments:
        name: as in the tables and the configuration.
        symbol: LaTeX, with `n`, `r` or `k` for the index.
        description: one line: what it is and by which convention.
        primaries: view of configurations -> (n, columns), one row per configuration.
        value: means (..., columns) and site shape -> (..., indices).
        indices: site shape -> the integers of the column `index`.
        unit: of the value.
        integrated: a single number of the whole field, on which a model must agree with its reference.
        correlated: the indices are judged once, through their covariance.
        judged: False where numbers are shown whose errors are too coarse for a test.
        lattice_only: makes no sense for a single degree of freedom.
        complex_only, real_only: makes sense only where a point of the plane is a complex number, or where it is not.
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
    judged: bool = True
    lattice_only: bool = True
    complex_only: bool = False
    real_only: bool = False

    def applies(self, system: object) -> bool:
        """Whether it is defined for configurations of this system."""
        is_complex = getattr(system, "is_complex", False)
        if (self.complex_only and not is_complex) or (self.real_only and is_complex):
            return False
        return not self.lattice_only or int(np.prod(system.site_shape)) > 1


@cache
def observables(package: str | None = None) -> dict[str, Observable]:
    """All observables of a package, or of all of them, by name."""
    if package is None:
        return {name: found for each in PACKAGES for name, found in observables(each).items()}
    files = sorted(module.name for module in iter_modules(import_module(package).__path__))
    found = [observable for file in files for observable in _declared(import_module(f"{package}.{file}"))]
    return {observable.name: observable for observable in found}


def _declared(module: ModuleType) -> tuple[Observable, ...]:
    return module.observables if hasattr(module, "observables") else (module.observable,)


def applicable(
    names: Iterable[str] | None, system: object, *, source: str = "observables"
) -> list[Observable]:
    """The named observables, or all that make sense for the system.

    Raises:
        InputError: for an unknown name, or a named observable that is not defined for the system.
    """
    known = observables(system.observable_package)
    if names is None:
        return [o for o in known.values() if o.applies(system)]
    for name in names:
        if name not in known:
            raise InputError(source, "observables", f"one of {', '.join(known)}", name)
        if not known[name].applies(system):
            raise InputError(source, "observables", f"observables defined for {system.kind}", name)
    return [known[name] for name in names]
