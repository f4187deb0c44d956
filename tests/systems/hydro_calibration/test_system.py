"""The calibration's simulator: nine numbers of known spectra, what each parameter does to them, bad blocks refused."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.hydro.chain import Spectra
from emulant.inference.simulation import Unsimulated
from emulant.systems import system_from
from emulant.systems.hydro_calibration.checks import check
from emulant.systems.hydro_calibration.measured import OBSERVABLES, class_observables

BLOCK = {
    "kind": "hydro_calibration",
    "prior": {"norm": {"uniform": [10.0, 20.0]}, "viscosity": {"uniform": [0.12, 0.28]}},
    "projectile": "Cu",
    "target": "Cu",
    "classes": [[0.0, 0.0], [5.0, 5.0]],
    "events": 3,
    "cross_section": 4.2,
    "distance": 0.0,
    "norm": 16.0,
    "reduced_p": 0.0,
    "nucleon_width": 0.8,
    "fluctuation": 1.6,
    "start_time": 0.6,
    "viscosity": 0.15,
    "switching_temperature": 0.15,
    "cells": 20,
    "spacing": 1.0,
    "time_step": 0.25,
    "pt_nodes": 8,
    "pt_max": 3.0,
    "angles": 12,
}
YIELDS, MOMENTA, FLUCTUATION, FLOW = slice(0, 3), slice(3, 6), 6, slice(7, 9)


def test_numbers_of_known_spectra():
    """S = size (1 + 2 v_2 cos 2 phi + 2 v_3 cos 3 phi) of one p_T: yields, momenta and flow are what was put in."""
    pt, weights = np.array([0.5]), np.array([1.0])
    phi = 2 * np.pi * np.arange(24) / 24
    sizes, v2, v3 = np.array([10.0, 30.0]), np.array([0.1, 0.3]), np.array([0.02, 0.04])
    azimuth = 1 + 2 * v2[:, None] * np.cos(2 * phi) + 2 * v3[:, None] * np.cos(3 * phi)
    values = np.repeat((sizes[:, None] * azimuth)[:, None, None], 3, axis=1)
    values *= np.array([1.0, 0.5, 0.1])[:, None, None]
    empty = np.zeros(2)
    spectra = Spectra(values, pt, weights, phi, empty, empty, empty, empty, np.zeros((2, 3)))
    numbers = class_observables(spectra)
    np.testing.assert_allclose(numbers[YIELDS], np.log([20 * 0.5 * 2 * np.pi, 0.5, 0.1]))
    np.testing.assert_allclose(numbers[MOMENTA], [0.5, 1, 1])
    np.testing.assert_allclose(numbers[FLUCTUATION], 0.0, atol=1e-12)
    np.testing.assert_allclose(numbers[FLOW], [np.sqrt(0.05), np.sqrt(0.001)])
    assert len(numbers) == len(OBSERVABLES)


def test_what_the_parameters_do():
    """The same events at another norm and viscosity: more entropy more particles in the same ratios to a twentieth, more
    viscosity less elliptic flow."""
    system = system_from(BLOCK)
    points = {
        name: system.point(np.array(values), np.random.default_rng(1)).reshape(2, -1)
        for name, values in {"usual": (12.0, 0.12), "dense": (18.0, 0.12), "viscous": (12.0, 0.28)}.items()
    }
    gain = points["dense"][:, 0] - points["usual"][:, 0]
    assert (abs(gain / np.log(1.5) - 1) < 0.15).all()
    assert (abs(points["dense"][:, 1:3] - points["usual"][:, 1:3]) < 0.05).all()
    assert (points["dense"][:, 3] > points["usual"][:, 3]).all()
    assert (points["viscous"][:, 7] < points["usual"][:, 7]).all()
    assert system.simulate(np.array([[12.0, 0.12]]), np.random.default_rng(1)).shape == (1, 18)
    assert len(system.labels) == 18


def test_an_event_that_cannot_be_followed_is_named():
    """So much entropy is hot at the edge of the box after some time."""
    system = system_from(BLOCK)
    with pytest.raises(Unsimulated, match=r"class 0 to 0 fm, .*event \d"):
        system.point(np.array([400.0, 0.12]), np.random.default_rng(1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prior": {"norm": {"uniform": [20.0, 10.0]}}}, "lower edge below"),
        (
            {"prior": {"viscosity": {"uniform": [-0.1, 0.2]}}},
            "prior.viscosity: expected values that viscosity may have",
        ),
        (
            {"prior": {"viscosity": {"uniform": [0.001, 0.2]}}},
            "time_step: expected at most 1.5 relaxation times",
        ),
        ({"classes": [[0.0, 40.0]]}, "classes"),
        ({"cells": 8}, "at least"),
        ({"prior": {"nucleon_width": {"uniform": [0.3, 1.0]}}}, "spacing"),
    ],
)
def test_what_no_collision_has(change, message):
    with pytest.raises(InputError, match=message):
        check(BLOCK | change)
