"""Sweeps of a heat bath: they keep the exact law, and bring hot and cold links to it, on even and odd tori."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import i0e, i1e

from emulant.contracts.source import Source
from emulant.contracts.system import HasSweeps
from emulant.gauge.arrays import wrapped
from emulant.gauge.exact_sampler import exact_links, exact_plaquettes
from emulant.gauge.heat_bath import _apart, _heat, swept
from emulant.gauge.hybrid import draw_charges
from emulant.gauge.plaquettes import plaquette_sums
from emulant.gauge.sweep_figures import sweeping
from emulant.gauge.sweeping import exact_of, starts_of, sweep_rows
from emulant.gauge.wilson import action
from emulant.systems.u1.system import U1

LIMIT = 4.5
"""Errors of a mean that are allowed: false alarm 7e-6 each, below 1e-3 in this file."""


def exact(system, count, seed=1):
    generator = np.random.default_rng(seed)
    angles = exact_plaquettes(system.exact, count, generator).angles
    return exact_links(angles, system.site_shape, generator)


def assert_exact(system, links, squares=True):
    """Plaquette, W(2 x 1) and, with `squares`, <Q^2>."""
    view = system.view(links)
    pairs = [
        (view.wilson_loop(1, 1), system.exact.plaquette),
        (view.wilson_loop(1, 2), system.exact.wilson_loop(2)),
    ]
    pairs += [(view.charge**2, system.exact.charge_squared)] * squares
    for values, expected in pairs:
        assert abs(values.mean() - expected) < LIMIT * values.std(ddof=1) / np.sqrt(len(values))


@pytest.mark.parametrize(("beta", "shape"), [(1.0, (4, 4)), (3.0, (3, 5)), (7.0, (6, 4))])
def test_sweeps_keep_the_exact_law(beta, shape):
    system = U1(beta, shape)
    assert isinstance(system, HasSweeps)
    assert_exact(system, system.swept(exact(system, 4000), 2, seed=3))


@pytest.mark.parametrize("start", ["hot", "cold"])
def test_sweeps_reach_the_exact_law_from_anywhere(start):
    """Forty sweeps at beta = 2, where ten are enough; with one, hot links are far off: the test can fail."""
    system = U1(2.0, (4, 5))
    links = starts_of((3000, *system.site_shape), 5)[start]
    assert_exact(system, system.swept(links, 40, seed=4))
    with pytest.raises(AssertionError):
        assert_exact(system, links, squares=False)


def test_a_link_comes_from_its_law_given_the_others():
    """By the mean of e^(i d) about the most likely angle, I_1 / I_0 of the strength, of the action itself."""
    system, count = U1(1.7, (3, 3)), 40000
    links = np.repeat(exact(system, 1), count, axis=0)
    for component, axis in ((0, -1), (1, -2)):
        moved = links.copy()
        _heat(moved, component, axis, np.array([1]), system.beta, np.random.default_rng(2))
        changed = np.unique(np.argwhere((moved != links).any(0)), axis=0)
        assert set(changed[:, 0]) == {component} and set(changed[:, 1 + (axis == -1)]) == {1}
        site = (component, *(1, 1))
        turns = np.repeat(links[:1], 2, axis=0)
        turns[:, *site] = [0.0, np.pi / 2]
        flat = links[:1].copy()
        flat[:, *site] = np.pi
        # S = -c cos(theta) - s sin(theta) + rest in this link alone.
        c = (action(flat, system.beta) - action(turns[:1], system.beta))[0] / 2
        rest = (action(flat, system.beta) + action(turns[:1], system.beta))[0] / 2
        s = rest - action(turns[1:], system.beta)[0]
        strength, mode = np.hypot(c, s), np.arctan2(s, c)
        drawn = np.exp(1j * (moved[:, *site] - mode))
        ratio = i1e(strength) / i0e(strength)
        assert abs(drawn.real.mean() - ratio) < LIMIT * drawn.real.std() / np.sqrt(count)
        assert abs(drawn.imag.mean()) < LIMIT * drawn.imag.std() / np.sqrt(count)


@pytest.mark.parametrize("beta", [1.3, -0.8])
def test_a_charge_comes_from_its_law_on_all_shifts(beta):
    """Frequencies of the nine shifts of one configuration, against e^(-S) of each."""
    links, count = exact(U1(1.3, (3, 3)), 1), 40000
    moved = np.repeat(links, count, axis=0)
    draw_charges(moved, np.random.default_rng(6).random(count), beta)
    steps = (plaquette_sums(moved) - plaquette_sums(links)) * 9 / (2 * np.pi)
    shifts = np.rint(steps).astype(int) % 9
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)
    assert (shifts == shifts[:, :1, :1]).all()
    weight = np.exp([beta * np.cos(plaquette_sums(links) + 2 * np.pi * q / 9).sum() for q in range(9)])
    expected = weight / weight.sum()
    frequency = np.bincount(shifts[:, 0, 0], minlength=9) / count
    assert (abs(frequency - expected) < LIMIT * np.sqrt(expected * (1 - expected) / count)).all()


@pytest.mark.parametrize("length", [3, 4, 5, 8])
def test_lines_that_move_together_are_no_neighbours(length):
    groups = list(_apart(length))
    assert sorted(np.concatenate(groups)) == list(range(length))
    for lines in groups:
        assert not set(lines) & set((lines + 1) % length)


def test_sweeps_leave_their_start_and_are_their_seed():
    system = U1(2.0, (4, 4))
    links = exact(system, 8)
    before = links.copy()
    one, two, other = (swept(links, 2.0, 1, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(links, before)
    np.testing.assert_array_equal(one, two)
    assert (one != other).any() and (one == wrapped(one)).all()
    np.testing.assert_array_equal(swept(links, 2.0, 0, 1), wrapped(links))


def test_rows_of_sweeps_tell_what_is_exact():
    system = U1(2.0, (4, 4))
    starts = {"exact": exact(system, 500), **starts_of((500, *system.site_shape), 1)}
    rows = list(sweep_rows(system, starts, [1, 0], 3))
    assert [(row["start"], row["sweeps"]) for row in rows] == [(n, k) for n in starts for k in (0, 1)]
    values = exact_of(system)
    assert values["charge_squared"] == pytest.approx(system.exact.charge_squared, rel=1e-9)
    for row in rows[:2]:
        for name, value in values.items():
            assert abs(row[name] - value) < LIMIT * row[f"{name}_error"]
    assert rows[4]["plaquette"] == 1 and rows[4]["charge_squared"] == 0
    assert (plaquette_sums(starts["cold"]) == 0).all()


def test_the_figure_shows_each_start_once():
    system = U1(2.0, (4, 4))
    starts = {"model": exact(system, 64), **starts_of((64, *system.site_shape), 1)}
    table = pd.DataFrame(sweep_rows(system, starts, [0, 1], 3))
    record = {f"{name}_exact": value for name, value in exact_of(system).items()}
    figure = sweeping({Source("one"): (table, record), Source("two"): (table, record)}, ["one", "two"])
    assert len(figure.axes) == 3
    assert len(figure.axes[0].get_legend_handles_labels()[1]) == 4
