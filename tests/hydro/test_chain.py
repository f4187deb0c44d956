"""From initial states to spectra: conservation of entropy, batches, backends, symmetry, and refusals in one line."""

from functools import partial

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.hydro.chain import spectra_of
from emulant.hydro.cooper_frye import switch_at
from emulant.hydro.evolution import Unstable
from emulant.hydro.lattice_fit import hotqcd
from emulant.hydro.thermal import SPECIES, density
from emulant.hydro.torch_fluid import TorchFluid
from tests.hydro.profiles import lumpy

CELLS, SPACING, START, SWITCHING = 40, 0.55, 0.6, 0.15
run = partial(spectra_of, spacing=SPACING, start_time=START, switching_temperature=SWITCHING, viscosity=0.0)


@pytest.fixture(scope="module")
def initial():
    return np.stack([lumpy(CELLS, SPACING, seed) for seed in (1, 2, 3)])


@pytest.fixture(scope="module")
def result(initial):
    """One initial state at three eta / s."""
    return run(np.repeat(initial[:1], 3, axis=0), viscosity=np.array([0.0, 0.1, 0.2]))


def numbers(result):
    """dN / dy, (N, 3)."""
    weights = (result.pt * result.pt_weights)[:, None] * 2 * np.pi / len(result.phi)
    return np.sum(result.values * weights, axis=(2, 3))


def flow(result, n):
    """The vector of the n-th harmonic of all species, (N,)."""
    weights = (result.pt * result.pt_weights)[:, None] * np.exp(1j * n * result.phi)
    sums = np.sum(result.values * weights, axis=(1, 2, 3))
    return sums / np.sum(result.values * np.abs(weights), axis=(1, 2, 3))


def test_an_ideal_fluid_keeps_its_entropy_and_a_viscous_one_makes_some(initial, result):
    """What is hot at first leaves through the surface, to 1.5 % on this coarse grid; shear adds some per cent."""
    energy = hotqcd().energy_at_entropy(initial[0] / START)
    hot = energy > switch_at(hotqcd(), SWITCHING).energy
    entropy = initial[0][hot].sum() * SPACING**2
    assert result.entropy[0] == pytest.approx(entropy, rel=0.015)
    assert 1.05 < result.entropy[1] / entropy < 1.15
    assert result.entropy[1] < result.entropy[2]


def test_numbers_are_those_of_the_gas_in_the_volume_of_the_surface(result):
    volumes = result.entropy / switch_at(hotqcd(), SWITCHING).entropy
    exact = volumes[:, None] * [density(species, SWITCHING) for species in SPECIES]
    assert numbers(result)[0] == pytest.approx(exact[0], rel=1e-4)
    # Where the correction of shear was scaled down, some of it is missing.
    assert np.all(np.abs(numbers(result) / exact - 1) < result.clipped + 1e-4)
    assert np.all(result.clipped[1:, 0] < 0.01)


def test_viscosity_damps_flow_and_pushes_outwards(result):
    assert np.all(np.diff(np.abs(flow(result, 2))) < 0)
    momenta = np.sum(result.values * (result.pt**2 * result.pt_weights)[:, None], axis=(2, 3))
    assert np.all(np.diff(momenta / numbers(result), axis=0) > 0)


def test_batches_threads_and_order_change_nothing(initial, result):
    viscosity = np.array([0.1, 0.0, 0.1])
    together = run(initial, viscosity=viscosity)
    apart = run(initial[::-1], viscosity=viscosity[::-1], threads=2)
    assert np.array_equal(together.values, apart.values[::-1])
    assert np.array_equal(together.values[0], result.values[1])
    assert np.array_equal(together.steps, apart.steps[::-1])


def test_tensors_give_the_same_spectra(initial):
    loops = run(initial[:2], viscosity=0.1)
    tensors = run(initial[:2], viscosity=0.1, fluid=TorchFluid, batch=2)
    single = run(initial[:2], viscosity=0.1, fluid=partial(TorchFluid, dtype=torch.float32), batch=2)
    assert np.array_equal(loops.steps, tensors.steps)
    assert numbers(tensors) == pytest.approx(numbers(loops), rel=1e-5)
    assert numbers(single) == pytest.approx(numbers(loops), rel=1e-3)
    assert np.abs(flow(single, 2) - flow(loops, 2)).max() < 2e-4


def test_a_turned_initial_state_gives_a_turned_spectrum(initial):
    turned = run(np.rot90(initial[:1], axes=(1, 2)), viscosity=0.1)
    straight = run(initial[:1], viscosity=0.1)
    # rot90 takes (x, y) to (y, -x) of the axes: the azimuth of what moved along x is now a quarter earlier or later.
    rolls = [np.roll(straight.values, shift, axis=3) for shift in (8, -8)]
    worst = [np.abs(turned.values / roll - 1)[:, :, :16].max() for roll in rolls]
    assert min(worst) < 0.02
    assert numbers(turned) == pytest.approx(numbers(straight), rel=1e-3)


def broken(initial, value):
    bad = initial.copy()
    bad[1, 4, 5] = value
    return bad


@pytest.mark.parametrize(
    "change, words",
    [
        (
            lambda d: {"densities": broken(d, -1.0)},
            r"densities: expected numbers >= 0, got -1.0 in event 1, cell \(4, 5\)",
        ),
        (
            lambda d: {"densities": broken(d, np.nan)},
            "densities: expected finite numbers, got nan in event 1",
        ),
        (lambda d: {"densities": d[0]}, r"densities: expected shape \(events, n, n\)"),
        (lambda d: {"densities": d[:, 14:26, 14:26]}, "densities: expected a box whose edge is below"),
        (lambda d: {"densities": 1e-3 * d}, "densities: expected a cell above the switching temperature"),
        (lambda d: {"densities": 1e3 * d}, "where the equation of state ends"),
        (lambda d: {"switching_temperature": 1.2}, "switching_temperature: expected a temperature inside"),
        (lambda d: {"viscosity": -0.1}, "viscosity: expected eta/s >= 0, got -0.1"),
        (lambda d: {"viscosity": np.zeros(2)}, "viscosity: expected eta/s, one number or 3"),
        (lambda d: {"viscosity": 0.01}, "time_step: expected at most 1.5 relaxation times"),
        (lambda d: {"time_step": 0.4}, "time_step: expected at most 0.5 of the spacing"),
        (lambda d: {"spacing": 0.0}, "spacing: expected a number > 0"),
        (lambda d: {"start_time": np.inf}, "start_time: expected a number > 0"),
    ],
)
def test_what_cannot_run_is_refused_in_one_line(initial, change, words):
    arguments = {"densities": initial} | change(initial)
    with pytest.raises(InputError, match=words) as error:
        run(**arguments)
    assert "\n" not in str(error.value)


def test_matter_that_reaches_the_edge_stops_with_event_time_and_cell(initial):
    """The box is cold at its edge at first and hot when the matter gets to it."""
    dense = initial[:2] * np.array([1.0, 8.0])[:, None, None]
    with pytest.raises(
        Unstable, match=r"event 1 at tau = \d\.\d+ fm, cell \(\d+, \d+\): matter above"
    ) as error:
        run(dense, spacing=0.2)
    assert error.value.event == 1
