"""Exact configurations: acceptance as computed, averages on the exact ones, holonomies and gauge uniform."""

import numpy as np
import pytest
from scipy import stats

from emulant.errors import InputError
from emulant.gauge.exact import Torus
from emulant.gauge.exact_sampler import acceptance, exact_links, exact_plaquettes
from emulant.gauge.views import Links
from emulant.systems.u1.system import U1

RATES = {1: 0.466, 2: 0.309, 3: 0.243, 5: 0.184, 7: 0.154, 9: 0.135, 11: 0.122}
SAMPLES = 1500


@pytest.mark.parametrize("beta", RATES)
def test_the_acceptance_is_that_of_the_table(beta):
    """In a large volume; and proposals are accepted at that rate, within 4.5 binomial errors (false alarm 7e-6 each)."""
    assert acceptance(Torus(beta, 1024)) == pytest.approx(RATES[beta], abs=6e-4)
    torus = Torus(beta, 64)
    drawn = exact_plaquettes(torus, SAMPLES, np.random.default_rng(beta))
    rate = acceptance(torus)
    error = np.sqrt(rate * (1 - rate) / drawn.proposals)
    assert abs(SAMPLES / drawn.proposals - rate) < 4.5 * error


@pytest.mark.parametrize(("beta", "shape"), [(1.0, (6, 6)), (3.0, (8, 8)), (7.0, (8, 12))])
def test_averages_are_exact(beta, shape):
    """Plaquette, loops, <Q^2> and Z(theta) within 4.5 errors of independent samples: false alarm 2e-4 in all."""
    torus, generator = Torus(beta, shape[0] * shape[1]), np.random.default_rng(5)
    angles = exact_plaquettes(torus, SAMPLES, generator).angles
    view = Links(exact_links(angles, (2, *shape), generator), U1(beta, shape))
    measured = {
        torus.plaquette: view.wilson_loop(1, 1),
        torus.wilson_loop(4): view.wilson_loop(2, 2),
        torus.wilson_loop(6): view.wilson_loop(2, 3),
        torus.charge_squared: view.charge**2,
        torus.vacuum(np.array([np.pi / 2]))[0]: np.cos(np.pi / 2 * view.charge),
        torus.wilson_loop(2 * shape[0]): np.cos(view.polyakov - np.roll(view.polyakov, 2, 1)).mean(1),
        0.0: view.charge,
    }
    for exact, values in measured.items():
        assert abs(values.mean() - exact) < 4.5 * values.std() / np.sqrt(SAMPLES), exact


def test_links_are_uniform_and_in_range():
    """One link of each direction and one Polyakov loop: Kolmogorov-Smirnov at 1e-4 each."""
    generator = np.random.default_rng(7)
    links = exact_links(exact_plaquettes(Torus(5.0, 24), SAMPLES, generator).angles, (2, 4, 6), generator)
    loops = np.angle(np.exp(1j * links[:, 0, :, 2].sum(1)))
    for values in (links[:, 0, 3, 5], links[:, 1, 1, 0], loops):
        assert stats.kstest(values, "uniform", (-np.pi, 2 * np.pi)).pvalue > 1e-4
    assert links.min() >= -np.pi and links.max() < np.pi


@pytest.mark.parametrize("beta", [0.0, -1.0])
def test_beta_must_be_positive(beta):
    with pytest.raises(InputError, match="system: beta: expected a positive number for the exact sampler"):
        acceptance(Torus(beta, 16))
