"""Angles that users bring: other branches are wrapped, other units are refused."""

import math
from collections.abc import Callable

import numpy as np

from emulant.errors import InputError
from emulant.gauge.arrays import wrapped
from emulant.gauge.charge import topological_charge
from emulant.gauge.plaquettes import plaquette_sums
from emulant.gauge.wilson import schwinger_dyson

__all__ = ["admit_angles", "admit_branch", "check_unit", "in_range"]

UNITS = {"degrees": math.pi / 180, "units of pi": math.pi, "turns": 2 * math.pi}
"""Other units in which angles are written, in radians."""
EDGE = 1e-6
"""Beyond pi: what rounds to pi in single precision is no other branch."""
FINEST = 1e-3
"""Largest step between numbers of a file, in radians: rounding to it changes <cos theta_p> by less than 1e-6."""
CLOSER, APART = 4.0, 0.05
"""A unit is recognised where it is off by so many times less than radians, and radians by so much: a hundred samples of
a small lattice, correlated ones too, know both averages of `_off` better than that."""


def admit_angles(links: np.ndarray, beta: float, plaquette: float) -> tuple[np.ndarray, str]:
    """Return links (n, 2, L_t, L_s) in [-pi, pi) with a remark, empty where they were.

    Arguments:
        links: of the file.
        beta: of the Wilson action.
        plaquette: exact <cos theta_p>.

    Raises:
        InputError: for angles in degrees, turns or units of pi, and so large that rounding leaves no whole charge.
    """
    evidence = f"in which <cos theta_p> is near the exact {plaquette:.4g}"
    check_unit(links, lambda angles: _off(angles, beta, plaquette), evidence)
    return admit_branch(links)


def admit_branch(links: np.ndarray) -> tuple[np.ndarray, str]:
    """Return links in [-pi, pi) with a remark; raises InputError where rounding leaves no whole charge."""
    topological_charge(wrapped(plaquette_sums(links)))
    return in_range(links, "links")


def in_range(angles: np.ndarray, name: str) -> tuple[np.ndarray, str]:
    """Return angles in [-pi, pi) with a remark that calls them `name`, empty where they were.

    Raises:
        InputError: for numbers so large that they are rounded to more than FINEST.
    """
    _check_rounding(angles)
    if (np.abs(angles) <= math.pi + EDGE).all():
        return wrapped(angles), ""
    return wrapped(angles), f"{name} outside of [-pi, pi) were wrapped"


def _check_rounding(angles: np.ndarray) -> None:
    """Raise InputError where the precision in which numbers were written, single if all of them have it, is too coarse."""
    largest = np.abs(angles).max()
    single = largest < np.finfo(np.float32).max and (angles == angles.astype(np.float32)).all()
    step = float(np.spacing(np.float32(largest) if single else largest))
    if step > FINEST:
        expected = f"angles that are rounded to no more than {FINEST:g}"
        raise InputError(
            "configurations", "angles", expected, f"numbers up to {largest:.3g}, rounded to {step:.2g}"
        )


def check_unit(angles: np.ndarray, off: Callable[[np.ndarray], float], evidence: str) -> None:
    """Raise InputError where another unit explains averages of angles and radians do not.

    Arguments:
        angles: of a file.
        off: says how far averages of angles in radians are off their expectation, in units of a cosine.
        evidence: what the message says of the unit.
    """
    radians = off(angles)
    for name, unit in UNITS.items():
        if radians > APART and CLOSER * off(unit * angles) < radians:
            raise InputError("configurations", "angles", "angles in radians", f"{name}, {evidence}")


def _off(links: np.ndarray, beta: float, plaquette: float) -> float:
    """Say how far <cos theta_p> and the Schwinger-Dyson identity are off together: one of them alone may agree by chance."""
    identity = schwinger_dyson(links, beta).mean()
    return abs(float(np.cos(plaquette_sums(links)).mean()) - plaquette) + abs(float(identity))
