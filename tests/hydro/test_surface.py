"""The surface of a cylinder that cools as a whole, whose area is known."""

import numpy as np
import pytest

from emulant.hydro.evolution import Evolution
from emulant.hydro.surface import freeze_out
from tests.hydro.profiles import positions

START, RADIUS, RATE = 1.0, 4.0, 0.5


def cylinder(components=3, spacing=0.25, duration=0.2):
    """ln e = 1 - (r / RADIUS)^2 - RATE (tau - START), hot for r < RADIUS at first and cold everywhere after 2 fm."""
    x, y = positions(41, spacing, 0)
    times = START + duration * np.arange(12)
    fields = []
    for time in times:
        energy = np.exp(1 - (x**2 + y**2) / RADIUS**2 - RATE * (time - START))
        flow = [0.1 * x, 0.1 * y, 0 * x + 0.01, 0 * x, 0 * x - 0.02]
        fields.append(np.stack([energy, *flow])[:components])
    return Evolution(list(times), fields)


@pytest.mark.parametrize("components", [3, 6])
def test_the_surface_of_a_cooling_cylinder(components):
    """r^2 = RADIUS^2 (1 - RATE (tau - START)): sums of d sigma_mu and of u . d sigma are integrals over tau."""
    surface = freeze_out(cylinder(components), 1.0, 0.25)
    square = np.sum(surface.position[:, 1:] ** 2, axis=1)
    assert square == pytest.approx(RADIUS**2 * (1 - RATE * (surface.position[:, 0] - START)), abs=0.15)
    # Each piece of area pi d(r^2) freezes at its tau, int tau pi RADIUS^2 RATE dtau over 2 fm.
    upward = np.pi * RADIUS**2 * RATE * ((START + 2) ** 2 - START**2) / 2
    assert surface.normal[:, 0].sum() == pytest.approx(upward, rel=5e-3)
    assert np.abs(surface.normal[:, 1:].sum(axis=0)).max() < 1e-6 * upward
    # Outward: 2 pi r tau dtau times u_r = 0.1 r.
    t = np.linspace(START, START + 2, 2001)
    outward = np.trapezoid(2 * np.pi * t * 0.1 * RADIUS**2 * (1 - RATE * (t - START)), t)
    along = np.sum(surface.flow * surface.normal[:, 1:], axis=1).sum()
    assert along == pytest.approx(outward, rel=5e-3)
    assert surface.shear == pytest.approx(
        np.broadcast_to([0.01, 0, -0.02], surface.shear.shape) * (components == 6)
    )
    assert surface.flow == pytest.approx(0.1 * surface.position[:, 1:], abs=1e-2)
