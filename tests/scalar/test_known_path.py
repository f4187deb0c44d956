"""The continuity equation in zero dimensions on a known path of actions: published tables, and its own residual."""

import numpy as np
import pytest
import torch

from emulant.scalar.known_path import KnownPath
from emulant.transport.equations.continuity import known_path_residual
from emulant.transport.equations.jets import scalar_jet, vector_jet

REACH = 12.0
TIMES = (0.0, 0.25, 0.5, 0.75, 1.0)
PHI = np.array([0.5, 1.0, 2.0])


def gaussian(phi):
    return phi**2 / 2


CASES = {
    "double well": (
        lambda phi: -(phi**2) + phi**4 / 8,
        (-0.91893853, -1.25215976, -1.70886650, -2.30638367, -3.03738540),
        {
            0.0: (0.5472538, 0.9998748, 1.2485628),
            0.5: (0.9531581, 1.4309329, 1.0067397),
            1.0: (1.2940107, 1.5118258, 0.6135922),
        },
    ),
    "single well": (
        lambda phi: phi**2 / 2 + 0.4 * phi**4 / 24,
        (-0.91893853, -0.90717602, -0.89660639, -0.88694432, -0.87800792),
        {
            0.0: (-0.0271078, -0.0666833, -0.2332250),
            0.5: (-0.0218462, -0.0534007, -0.1771541),
            1.0: (-0.0186734, -0.0454275, -0.1453157),
        },
    ),
}
every_case = pytest.mark.parametrize("case", CASES)


def path_of(case):
    return KnownPath(gaussian, CASES[case][0], REACH)


@every_case
def test_free_energies(case):
    path = path_of(case)
    np.testing.assert_allclose([path.free_energy(t) for t in TIMES], CASES[case][1], atol=1e-6)


@every_case
def test_velocities(case):
    """The table is a sum of steps of 10^-3, not an integral: too large by half a step of the integrand at phi."""
    path = path_of(case)
    for t, summed in CASES[case][2].items():
        exact = np.array(summed) - 0.5e-3 * (path.slope(PHI) - path.mean_slope(t))
        np.testing.assert_allclose(path.velocity(PHI, t), exact, rtol=0, atol=1e-6)
        np.testing.assert_allclose(path.velocity(-PHI, t), -exact, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("quadratic", "quartic"), [(-1.5, 0.125), (0.0, 0.4 / 24)])
def test_velocities_at_the_gaussian_end(quadratic, quartic):
    """There b = -q phi - c (phi^3 + 3 phi) for the slope q phi^2 + c phi^4 of the action."""
    path = KnownPath(gaussian, lambda phi: gaussian(phi) + quadratic * phi**2 + quartic * phi**4, REACH)
    expected = -quadratic * PHI - quartic * (PHI**3 + 3 * PHI)
    np.testing.assert_allclose(path.velocity(PHI, 0.0), expected, rtol=1e-10)


@every_case
def test_the_velocity_carries_the_law(case):
    """Differences of the quadrature in phi; half the velocity leaves half of the slope of the action."""
    path, phi, t, step = path_of(case), np.linspace(-3, 3, 25), 0.5, 1e-3
    near = path.velocity(phi + step, t) - path.velocity(phi - step, t)
    far = path.velocity(phi + 2 * step, t) - path.velocity(phi - 2 * step, t)
    slope = (8 * near - far) / (12 * step)
    x = torch.from_numpy(phi)[:, None]
    action = scalar_jet(lambda y, time: path.action(y[:, 0], time), x, t)
    velocity = vector_jet(lambda y, time: 0 * y, x, t)

    def residual(scale):
        parts = {
            "value": torch.from_numpy(path.velocity(phi, t))[:, None],
            "divergence": torch.from_numpy(slope),
        }
        carried = type(velocity)(**{**vars(velocity), **{name: scale * part for name, part in parts.items()}})
        return known_path_residual(action, carried, path.mean_slope(t))

    assert float(residual(1.0).abs().max()) < 1e-6
    assert float(residual(0.5).abs().max()) > 0.1
