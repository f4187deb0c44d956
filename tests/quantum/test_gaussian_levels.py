"""Levels of Gaussian paths: those of the harmonic oscillator by its transfer matrix."""

import numpy as np
import pytest

from emulant.quantum.gaussian_levels import gaussian_means
from emulant.quantum.observables import level
from emulant.systems.quantum_path.system import from_settings


@pytest.mark.parametrize("points", [12, 200])
def test_levels_of_a_gaussian_path(points):
    """Also at a t_0 above 0; to the rounding of the eigenvalue problem."""
    system = from_settings({"potential": [0.0, 0.0, 0.5], "temperature": 0.1, "shape": [points]})
    means = np.append(gaussian_means(system.inverse_power()), system.spacing)
    exact = [row["value"] for row in system.exact_values() if row["observable"] == "level"]
    np.testing.assert_allclose(level.value(means, (points,)), exact, rtol=2e-6)
