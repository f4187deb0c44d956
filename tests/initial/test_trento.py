"""T_RENTo against 4000 events of the public C++ program each, seed 1, w = 0.5 fm, k = 1.6, p = 0 unless said."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.initial.eccentricity import eccentricities
from emulant.initial.nuclei import NUCLEI
from emulant.initial.trento import Trento

EVENTS = 1000
SMOOTH = {"reduced_p": 1.0, "fluctuation": float("inf")}
WIDE = {"cells": 76, "spacing": 0.4}
"""A grid that no nucleon leaves."""


def model(nucleus="Pb", impact=(7.0, 7.0), cross_section=7.0, **settings):
    pair = (NUCLEI[nucleus], NUCLEI[nucleus])
    return Trento(*pair, impact, cross_section, **{"cells": 50, "spacing": 0.4, **settings})


@cache
def measured(nucleus, b, cross_section, **settings):
    trento = model(nucleus, (b, b), cross_section, **settings)
    states = trento.events(range(EVENTS), seed=5)
    moments = np.abs(eccentricities(states.densities, trento.spacing))
    return {"participants": states.participants, "multiplicity": states.multiplicity} | {
        f"e{n}": moments[:, n - 2] for n in (2, 3, 4, 5)
    }


TABLE = {
    ("Pb", 0.0, 7.0, "plain"): {
        "participants": (409.82, 0.04), "multiplicity": (183.02, 0.12), "e2": (0.0758, 0.0006), "e3": (0.0847, 0.0007),
        "e4": (0.0930, 0.0008), "e5": (0.1033, 0.0009),
    },
    ("Pb", 7.0, 7.0, "plain"): {
        "participants": (226.34, 0.26), "multiplicity": (81.04, 0.13), "e2": (0.3087, 0.0016), "e3": (0.1629, 0.0014),
        "e4": (0.2184, 0.0018), "e5": (0.2123, 0.0018),
    },
    ("Au", 7.0, 4.23, "smooth"): {
        "participants": (185.53, 0.24), "multiplicity": (92.764, 0.12), "e2": (0.2320, 0.0015), "e3": (0.1544, 0.0013),
        "e4": (0.1747, 0.0015), "e5": (0.1867, 0.0016),
    },
    ("U", 0.0, 4.23, "plain"): {
        "participants": (454.64, 0.11), "multiplicity": (203.42, 0.14), "e2": (0.1344, 0.0011), "e3": (0.0833, 0.0007),
        "e4": (0.1085, 0.0009), "e5": (0.1088, 0.0009),
    },
}  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[1]}")
def test_collisions_are_those_of_the_public_program(row):
    """4 errors each, 24 numbers: false alarm 0.15 %."""
    nucleus, b, cross_section, kind = row
    ours = measured(nucleus, b, cross_section, **(SMOOTH | WIDE if kind == "smooth" else {}))
    for name, (value, error) in TABLE[row].items():
        mean, own_error = ours[name].mean(), ours[name].std() / np.sqrt(EVENTS)
        assert abs(mean - value) < 4 * np.hypot(error, own_error), (name, mean, own_error, value)


def test_smooth_participants_deposit_a_half_each():
    """p = 1 without fluctuations: N_part / 2, to the 4e-6 that 5 widths cut off."""
    states = measured("Au", 7.0, 4.23, **SMOOTH, **WIDE)
    np.testing.assert_allclose(states["multiplicity"], states["participants"] / 2, rtol=2e-5)


def test_generalised_means_are_ordered():
    """Power means rise with p, cell by cell, of the same collisions; p = 0 is the limit of small p."""
    low, zero, small, high = (
        model(reduced_p=p).events(range(4), seed=2).densities for p in (-1.0, 0.0, 1e-6, 1.0)
    )
    assert (low <= zero * (1 + 1e-12)).all() and (zero <= high * (1 + 1e-12)).all()
    both = zero > 1e-6
    np.testing.assert_allclose(small[both], zero[both], rtol=1e-3)


def test_an_event_is_its_seed_and_number():
    trento = model(distance=0.8)
    together, alone = trento.events(range(6), seed=3), trento.events([5, 2], seed=3)
    assert together.densities[[5, 2]].tobytes() == alone.densities.tobytes()
    assert list(together.impact[[5, 2]]) == list(alone.impact)
    assert trento.events([2], seed=4).densities.tobytes() != alone.densities[1].tobytes()


def test_one_constituent_is_the_plain_nucleon():
    plain = model().events(range(5), seed=1)
    one = model(constituents=1, constituent_width=0.5).events(range(5), seed=1)
    assert plain.densities.tobytes() == one.densities.tobytes()


def test_constituents_keep_the_mean_collision():
    """Participants and, at p = 1 without fluctuations, a half each; 4 errors of 250 events, and 0.3 % of sigma_p."""
    lumpy = model(constituents=3, constituent_width=0.3, cells=152, spacing=0.2, **SMOOTH)
    states, plain = lumpy.events(range(250), seed=8), measured("Pb", 7.0, 7.0)["participants"]
    np.testing.assert_allclose(states.multiplicity, states.participants / 2, rtol=2e-5)
    error = np.hypot(states.participants.std() / np.sqrt(250), plain.std() / np.sqrt(EVENTS))
    assert abs(states.participants.mean() - plain.mean()) < 4 * error + 0.003 * plain.mean()


def test_impact_parameters_have_the_weight_of_their_ring():
    """<b^2> = (low^2 + high^2) / 2 where every b gives a collision; 4 errors."""
    square = model(impact=(2.0, 8.0)).events(range(300), seed=6).impact ** 2
    assert abs(square.mean() - 34.0) < 4 * square.std() / np.sqrt(300)


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"impact": (8.0, 2.0)}, "impact"),
        ({"impact": (0.0, 30.0)}, "impact"),
        ({"distance": 2.5}, "distance"),
        ({"constituent_width": 0.9, "constituents": 3}, "constituent_width"),
        ({"constituent_width": 0.3}, "constituent_width"),
        ({"cells": 20}, "cells"),
        ({"constituent_width": 0.1, "constituents": 3}, "spacing"),
        ({"cross_section": 90.0}, "cross_section"),
    ],
)
def test_what_no_collision_has_is_one_line(settings, key):
    with pytest.raises(InputError) as caught:
        dataclasses.replace(model(), **settings).check()
    assert caught.value.key == key and "\n" not in str(caught.value)
