"""The emulator's study: an honest emulator of a linear response, and the shares of its parameters in closed form."""

import numpy as np
import pytest

from emulant.families.emulator_posterior.studies import sensitivities
from emulant.inference.emulation.observables import fit_emulator


@pytest.fixture(scope="module")
def emulator():
    """Observables z_1 + z_2 / 2 and z_1 of three parameters, with little noise: nothing feels the third."""
    rng = np.random.default_rng(1)
    design = rng.standard_normal((100, 3))
    values = np.column_stack([design[:, 0] + design[:, 1] / 2, design[:, 0]])
    return fit_emulator(design, values + 0.02 * rng.standard_normal(values.shape), components=2)


def test_shares_of_the_variance(emulator):
    """Those of a linear response are squares of its coefficients: 0.8 and 0.2, 1 and 0; 512 pairs know them to 6 %."""
    shares = sensitivities(emulator, 3, 1)
    np.testing.assert_allclose(shares, [[0.8, 1.0], [0.2, 0.0], [0.0, 0.0]], atol=0.2)
    assert shares[2].max() < 0.01
