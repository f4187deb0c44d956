import numpy as np
import pytest

from emulant.initial.eccentricity import eccentricities

AXIS = (np.arange(81) - 40) * 0.2
X, Y = np.meshgrid(AXIS, AXIS, indexing="ij")
BLOB = np.exp(-(((X - 0.6) / 1.2) ** 2) / 2 - (((Y + 0.4) / 0.8) ** 2) / 2)


def test_an_ellipse_has_its_closed_form():
    """-(s_x^2 - s_y^2) / (s_x^2 + s_y^2), wherever it lies; no triangle."""
    (moments,) = eccentricities(BLOB[None], 0.2)
    assert moments[0] == pytest.approx(-(1.2**2 - 0.8**2) / (1.2**2 + 0.8**2), abs=1e-7)
    assert abs(moments[1]) < 1e-7


def test_a_quarter_turn_turns_every_phase():
    density = np.random.default_rng(1).random((2, 20, 20))
    turned = np.stack([np.rot90(part) for part in density])
    one, other = eccentricities(density, 0.5), eccentricities(turned, 0.5)
    # rot90 takes axis 0 to axis 1 backwards: x' = -y, y' = x.
    np.testing.assert_allclose(other, one * 1j ** np.array([2, 3, 4, 5]), atol=1e-12)


def test_a_mirror_conjugates():
    density = np.random.default_rng(2).random((2, 20, 20))
    np.testing.assert_allclose(
        eccentricities(density[:, :, ::-1], 0.5), eccentricities(density, 0.5).conj(), atol=1e-12
    )
