"""Exact values of the observables of this shelf for the Wilson action."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from emulant.gauge.exact import Torus
from emulant.gauge.loops import creutz_ratio, extents_of
from emulant.gauge.observables import charge_distribution, vacuum_angle
from emulant.gauge.observables import creutz_ratio as ratios
from emulant.gauge.observables import polyakov_correlator as correlator

__all__ = ["exact_rows", "symmetry_rows"]

RAREST = 3e-3
"""Least probability of a charge that is listed: where a thousand samples have none, there is no error either."""


ODD = ("charge", "conjugation", "polyakov_loop")
"""Observables that charge conjugation or the centre turns round."""


def symmetry_rows() -> list[dict[str, Any]]:
    """Tabulate what vanishes by symmetry, whatever the action."""
    return [{"observable": name, "index": 0, "value": 0.0, "error": 0.0} for name in ODD]


def exact_rows(torus: Torus, shape: tuple[int, ...]) -> list[dict[str, Any]]:
    """Tabulate observable, index, value and error.

    Arguments:
        torus: the theory.
        shape: of one configuration, (2, L_t, L_s).
    """
    return [
        {"observable": name, "index": index, "value": float(value), "error": 0.0}
        for name, index, value in _values(torus, shape)
    ]


def _values(torus: Torus, shape: tuple[int, ...]) -> Iterator[tuple[str, int, float]]:
    yield from ((name, 0, 0.0) for name in ODD)
    yield "plaquette", 0, torus.plaquette
    yield "topological_susceptibility", 0, torus.charge_squared / torus.plaquettes
    yield from (("wilson_loop", r * t, torus.wilson_loop(r * t)) for r, t in extents_of(shape))
    for distance in correlator.distances(shape):
        yield "polyakov_correlator", distance, torus.wilson_loop(shape[1] * distance)
    for charge in charge_distribution.charges(shape):
        if (probability := torus.charge_probability(charge)) > RAREST:
            yield "charge_distribution", charge, probability
    angles = np.array(vacuum_angle.ANGLES)
    for k, value in zip(vacuum_angle.ANGLES, torus.vacuum(angles * math.pi / 4), strict=True):
        yield "vacuum_angle", k, value
    if torus.beta > 0:
        yield "string_tension", 0, math.log(torus.plaquette / torus.wilson_loop(2))
        for side in ratios.sides(shape):
            yield "creutz_ratio", side, creutz_ratio(lambda r, t: torus.wilson_loop(r * t), side)
