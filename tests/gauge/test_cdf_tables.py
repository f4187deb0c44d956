"""Tables of cumulative distributions: monotone, normalised, inverted to rounding, and von Mises' law to nine digits."""

import numpy as np
import pytest
from scipy import integrate, stats

from emulant.gauge.cdf_tables import SUBDIVISION, cdf_table, evaluated, inverted
from emulant.gauge.von_mises import VonMises

CELLS = 32


@pytest.fixture(scope="module")
def table():
    """Two rows that differ, one with a peak of a cell's width and a tail that is lost in rounding."""
    angles = -np.pi + 2 * np.pi * np.arange(SUBDIVISION * CELLS) / (SUBDIVISION * CELLS)
    return cdf_table(np.exp([30 * np.cos(angles - 0.4), 0.7 * np.sin(angles)]))


@pytest.mark.parametrize("part", [0.0, 0.3, 1.0])
def test_a_table_is_a_distribution_with_its_density(table, part):
    """The density integrates to the cumulative distribution, cell by cell, and is never negative."""
    edges = np.linspace(-np.pi, np.pi, CELLS + 1)
    ends = np.array([evaluated(table.knots, 0, part, x)[0] for x in edges])
    assert ends[0] == 0 and ends[-1] == pytest.approx(1, abs=1e-14) and (np.diff(ends) > 0).all()
    for left, right, rise in zip(edges[:-1], edges[1:], np.diff(ends), strict=True):
        area, _ = integrate.fixed_quad(
            lambda x: np.array([evaluated(table.knots, 0, part, v)[1] for v in x]), left, right, n=3
        )
        assert area / (2 * np.pi) == pytest.approx(rise, rel=1e-9)


def test_the_inverse_is_the_inverse(table):
    values = np.concatenate([np.random.default_rng(1).random(500), [0.0, 1e-9, 1 - 1e-12]])
    for part in (0.0, 0.6, 1.0):
        angles, densities = np.empty((2, len(values)))
        inverted(*table, np.zeros(len(values), int), np.full(len(values), part), values, angles, densities)
        for value, angle, density in zip(values, angles, densities, strict=True):
            again, same = evaluated(table.knots, 0, part, min(angle, np.nextafter(np.pi, 0)))
            assert again == pytest.approx(value, abs=1e-12) and same == pytest.approx(density, rel=1e-6)


@pytest.mark.parametrize("coupling", [0.1, 2.0, 7.0, 40.0])
def test_von_mises(coupling):
    """Against SciPy's cumulative distribution (for 40 by quadrature, as SciPy's is a normal law), and odd."""
    law = VonMises(coupling)
    uniform = np.linspace(-np.pi, np.pi, 401)[1:-1]
    angles = law.quantile(uniform)
    if coupling < 30:
        exact = 2 * np.pi * stats.vonmises.cdf(angles, coupling) - np.pi
        np.testing.assert_allclose(uniform, exact, atol=1e-10)
    else:
        area, _ = integrate.quad(lambda x: np.exp(coupling * np.cos(x) - law.log_norm), 0, angles[300])
        assert area == pytest.approx(uniform[300], abs=1e-10)
    np.testing.assert_allclose(law.cumulative(angles), uniform, atol=1e-12)
    np.testing.assert_allclose(angles, -angles[::-1], atol=1e-10)
    assert law.quantile(np.array([-np.pi]))[0] == -np.pi
