"""The tilt of a density on a grid: what was taken away is found again, and moments are those that were asked for."""

import torch

from emulant.families._planar_tilt import even_monomials, tilt_of

AXIS = torch.linspace(-5, 5, 121, dtype=torch.float64)
POINTS = torch.cartesian_prod(AXIS, AXIS)
X, Y = POINTS.T


def test_monomials_are_even_and_of_every_order():
    values = even_monomials(POINTS)
    assert values.shape == (len(POINTS), 24)
    torch.testing.assert_close(values, even_monomials(-POINTS))
    torch.testing.assert_close(values[:, 4], X**3 * Y, atol=0, rtol=1e-12)


def test_the_difference_of_two_polynomials_is_recovered():
    """exp(-E) is a Gaussian, the samples' density has -ln p = E + 0.3 x y + 0.05 x^4 - 0.1 y^2."""
    energy, functions = 0.5 * (X**2 + Y**2), even_monomials(POINTS)
    c = tilt_of(functions, energy, torch.exp(-energy - 0.3 * X * Y - 0.05 * X**4 + 0.1 * Y**2))
    torch.testing.assert_close(functions @ c, 0.3 * X * Y + 0.05 * X**4 - 0.1 * Y**2, atol=1e-5, rtol=1e-5)


def test_moments_are_those_of_any_density():
    """A density with two peaks, of which no polynomial is the logarithm."""
    energy, functions = 0.4 * (X**2 + Y**2), even_monomials(POINTS)
    density = sum(torch.exp(-2 * ((X - s) ** 2 + (Y - 0.5 * s) ** 2)) for s in (1, -1))
    c = tilt_of(functions, energy, density)
    weight = torch.softmax(-energy - functions @ c, 0)
    torch.testing.assert_close(
        weight @ functions, (density / density.sum()) @ functions, rtol=1e-6, atol=1e-6
    )


def test_nothing_is_added_where_nothing_is_missing():
    energy = 0.5 * X**2 + 0.3 * Y**4
    assert tilt_of(even_monomials(POINTS), energy, torch.exp(-energy)).abs().max() == 0
