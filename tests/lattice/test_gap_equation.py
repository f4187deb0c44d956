"""The gap equation: published masses, its own condition, and the variational principle that it comes from."""

import numpy as np
import pytest

from emulant.lattice.free import free_power
from emulant.lattice.gap_equation import gap_mass, gaussian_inverse_power


@pytest.mark.parametrize(
    ("shape", "kappa", "mass"),
    [
        ((16, 8), 0.27, 1.09462),
        ((64, 8), 0.26, 1.07128),
        ((64, 8), 0.27, 1.09370),
        ((64, 8), 0.28, 1.12593),
        ((32, 32), 0.26, 1.06902),
    ],
)
def test_masses_of_lambda_0_022(shape, kappa, mass):
    """Solved independently, to the five digits that were written down."""
    assert gap_mass(kappa, 0.022, shape) == pytest.approx(mass, abs=6e-6)


@pytest.mark.parametrize("kappa", [-0.2, 0.0, 0.1, 0.3])
@pytest.mark.parametrize("coupling", [0.01, 0.5, 100.0])
@pytest.mark.parametrize("shape", [(5,), (4, 6), (3, 3, 3)])
def test_the_condition_holds_and_every_mode_is_stiff(kappa, coupling, shape):
    inverse_power = gaussian_inverse_power(kappa, coupling, shape)
    mass = 1 - 2 * coupling + 6 * coupling * (1 / inverse_power).mean()
    assert inverse_power.min() > 0
    assert gap_mass(kappa, coupling, shape) == pytest.approx(mass, rel=1e-9)


def test_no_other_mass_has_a_smaller_free_energy():
    """F(m) = <S>_0 - entropy with <phi^4>_0 = 3 <phi^2>_0^2."""
    kappa, coupling, shape = 0.2, 0.4, (4, 4)

    def free_energy(mass):
        inverse = 1 / free_power(kappa, shape) + 2 * (mass - 1)
        square, volume = (1 / inverse).mean(), np.prod(shape)
        quadratic = 0.5 * ((1 / free_power(kappa, shape) - 4 * coupling) / inverse).sum()
        return quadratic + 3 * coupling * volume * square**2 + 0.5 * np.log(inverse).sum()

    mass = gap_mass(kappa, coupling, shape)
    assert free_energy(mass) < min(free_energy(mass + 0.01), free_energy(mass - 0.01))


def test_free_fields():
    assert gap_mass(0.2, 0.0, (4, 4)) == 1.0
    np.testing.assert_allclose(1 / gaussian_inverse_power(0.2, 0.0, (4, 4)), free_power(0.2, (4, 4)))
    with pytest.raises(ValueError, match="not bounded"):
        gap_mass(0.3, 0.0, (4, 4))
