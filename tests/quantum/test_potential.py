"""Polynomial potentials: minima, Gaussian means, what is refused."""

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.quantum.potential import Potential
from tests.quantum.wells import DOUBLE, TILTED


def test_minima_are_those_of_a_fine_grid():
    x = np.linspace(-4, 4, 800_001)
    for coefficients in (DOUBLE, TILTED, [0, 0, 1, 0, -2, 0, 1], [0, 0, 0, 0, 1]):
        potential = Potential(coefficients)
        values = potential(x)
        lowest = x[1:-1][(values[1:-1] < values[2:]) & (values[1:-1] < values[:-2])]
        # A flat minimum is wider than rounding of the values.
        np.testing.assert_allclose(potential.minima(), lowest, atol=2e-4)


def test_arrays_and_tensors_give_the_same():
    x, potential = np.linspace(-2, 2, 7), Potential(TILTED)
    for function in (potential, potential.slope, potential.virial):
        np.testing.assert_allclose(function(torch.from_numpy(x)).numpy(), function(x), rtol=1e-14)
    np.testing.assert_allclose(potential.virial(x), potential(x) + x * potential.slope(x) / 2, rtol=1e-12)


def test_the_mean_over_a_gaussian_is_a_quadrature():
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    potential, x, variance = Potential([0.1, 0.3, -1.0, 0.2, 0.5, -0.1, 0.3]), 0.7, 0.4
    mean = weights @ potential(x + np.sqrt(variance) * nodes) / weights.sum()
    assert potential.smeared(variance)(x) == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("coefficients", [[1.0], [0.0, 1.0], [0, 0, -1.0], [0, 0, 1, 1], [0, 0, 0, 0, 0]])
def test_what_is_not_bounded_from_below_is_one_line(coefficients):
    with pytest.raises(InputError, match=r"potential: .*bounded from below") as caught:
        Potential(coefficients)
    assert "\n" not in str(caught.value)
