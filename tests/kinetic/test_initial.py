"""The initial state: neutral events, isotropy, flow along the short axis, and an exact charge separation."""

import dataclasses

import numpy as np
import pytest
from scipy.integrate import dblquad

from emulant.errors import InputError
from emulant.kinetic.densities import AZIMUTH_EDGES, CELL, charge_density
from emulant.kinetic.partons import InitialState, flowing, thermal_momenta
from emulant.kinetic.separation import asymmetry, initial_response, separate
from tests.kinetic.gases import ellipse, off_shell

LEAD = InitialState((197, 79), (197, 79), (8.0, 8.0), 4.2, 14.0, 0.3, 0.0, 0.0)


def drawn(seed, **changes):
    return dataclasses.replace(LEAD, **changes).draw(np.random.default_rng(seed))


def dipoles(matter):
    """a_1 of positive and of negative particles from bins of azimuth."""
    sines = np.sin(0.5 * (AZIMUTH_EDGES[1:] + AZIMUTH_EDGES[:-1]))
    density = charge_density(matter).sum(axis=1)
    return density @ sines / density.sum(axis=1)


def test_events_are_neutral_and_flavours_come_in_pairs():
    matter = drawn(1)
    assert matter.charge.sum() == 0 and matter.baryon.sum() == 0
    assert (matter.charge > 0).sum() == (matter.charge < 0).sum() == len(matter) / 2
    assert off_shell(matter) < 1e-15


@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_antiquarks_are_born_beside_their_quarks_as_often_as_wanted(fraction):
    """A binomial number, four errors."""
    matter = drawn(2, local_charges=fraction)
    pairs = len(matter) // 2
    together = (matter.position[:pairs] == matter.position[pairs:]).all(axis=1).mean()
    assert abs(together - fraction) <= 4 * np.sqrt(fraction * (1 - fraction) / pairs)


def test_flow_is_stronger_along_the_short_axis():
    """v_2 of flow alone is positive where the overlap is long in y; it vanishes, within three errors, without."""
    values = {flow: [] for flow in (0.0, 0.5)}
    for flow, moments in values.items():
        for seed in range(40):
            px, py = drawn((3, seed), flow=flow).momentum[:, 1:3].T
            moments.append(np.mean((px**2 - py**2) / (px**2 + py**2)))
    error = np.std(values[0.0]) / np.sqrt(40)
    assert abs(np.mean(values[0.0])) < 3 * error
    assert np.mean(values[0.5]) > 6 * error


def test_boosts_are_lorentz_transformations():
    """Boosted by u, the sum of an isotropic gas moves with u; massless particles stay massless."""
    generator = np.random.default_rng(4)
    momenta, velocity = thermal_momenta(200_000, 0.3, generator), np.array([0.6, -0.3])
    total = flowing(momenta, np.tile(velocity, (len(momenta), 1))).mean(axis=0)
    square, gamma = (velocity**2).sum(), np.sqrt(1 + (velocity**2).sum())
    # T^mn u at rest: a density in momentum space, without the factor of moving volumes, carries E = gamma <E>.
    assert total[0] == pytest.approx(gamma * 0.9, rel=0.01)
    np.testing.assert_allclose(total[1:3], velocity * 0.9, rtol=0.02)
    assert square > 0


def test_nuclei_that_never_meet_are_one_line():
    with pytest.raises(InputError, match=r"^system: impact: .* no participants"):
        drawn(5, impact=(40.0, 41.0))
    with pytest.raises(InputError, match="system: impact"):
        dataclasses.replace(LEAD, impact=(40.0, 41.0)).check()
    with pytest.raises(InputError, match=r"system: projectile: .*known nucleus"):
        dataclasses.replace(LEAD, projectile=(197, 190)).check()


@pytest.mark.parametrize("fraction", [-0.5, -0.1, 0.0, 0.1, 0.5])
def test_separation_is_what_was_asked_for(fraction):
    """The exchange changes the asymmetry by f up to one particle; momentum and charges stay."""
    matter = ellipse(20_000, np.random.default_rng(6))
    before, total = asymmetry(matter), matter.momentum.sum(axis=0)
    separate(matter, fraction, np.random.default_rng(7))
    # Of partons that move down by chance more than half, more are exchanged than of those that move up.
    assert asymmetry(matter) - before == pytest.approx(fraction * (1 - np.sign(fraction) * before), abs=1e-3)
    assert np.abs(matter.momentum.sum(axis=0) - total)[1:].max() < 1e-9
    # p_y of another parton is less like p_x than its own was: energy grows, by a hundredth of f.
    assert matter.momentum[:, 0].sum() == pytest.approx(total[0] * (1 + 0.01 * abs(fraction)), rel=2e-3)
    assert off_shell(matter) < 1e-15


def test_all_or_more_cannot_be_separated():
    for fraction in (1.0, -1.0, np.nan):
        with pytest.raises(InputError, match=r"system: separation: expected fractions in \(-1, 1\)"):
            separate(ellipse(10, np.random.default_rng(8)), fraction, np.random.default_rng(9))


def test_initial_dipole_of_a_gas_at_rest():
    """Against 200,000 partons within three errors; the density of azimuths of exchanged momenta by quadrature."""
    matter, fraction = ellipse(400_000, np.random.default_rng(10)), 0.4
    before = dipoles(matter)
    separate(matter, fraction, np.random.default_rng(11))
    plus, minus = dipoles(matter) - before
    error = np.sqrt(fraction / 200_000)
    assert abs(plus - fraction * initial_response()) < 3 * error
    assert abs(minus + fraction * initial_response()) < 3 * error

    def marginal(p):
        return (1 + p) * np.exp(-p) / 4

    def sine(y, x):
        return y / np.hypot(x, y) * marginal(x) * marginal(y)

    exchanged = 4 * dblquad(sine, 0, 40, 0, 40, epsabs=1e-7)[0]
    # The sine in the middle of a bin is above its mean in the bin by x / sin x.
    unbinned = initial_response() * np.sinc(1 / 24)
    assert unbinned == pytest.approx((2 / np.pi + exchanged) / 2, rel=1e-3)


def test_densities_count_every_charge_once():
    matter = drawn(12, temperature=1.0)
    density = charge_density(matter)
    assert density.sum() * CELL == pytest.approx(len(matter))
    matter.charge[:] = np.where(matter.charge > 0, 1, 0)
    assert charge_density(matter)[1].sum() == 0


def test_half_a_turn_shifts_the_density():
    matter = ellipse(1000, np.random.default_rng(13))
    density = charge_density(matter)
    matter.momentum[:, 1:3] *= -1
    np.testing.assert_allclose(charge_density(matter), np.roll(density, 12, axis=2))
