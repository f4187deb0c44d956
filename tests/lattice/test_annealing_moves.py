"""Markov moves at any mass and quartic coupling leave their law alone, and read the same backwards."""

import numpy as np
import pytest
import torch

from emulant.contracts.system import HasAnnealing, HasGaussianStart
from emulant.lattice.annealing import moved, rescaling
from emulant.systems.phi4.system import Phi4
from emulant.transport.gaussian_start import GaussianStart


@pytest.mark.parametrize("mass", [-0.5, 0.0, 0.3, 1.1])
@pytest.mark.parametrize("quartic", [1e-3, 0.3, 10.0])
def test_the_rescaled_action_is_of_the_form_k(mass, quartic):
    scale = rescaling(mass, quartic)
    assert mass * scale**2 == pytest.approx(1 - 2 * quartic * scale**4)


def test_without_interaction_moves_keep_the_gaussian():
    """20 moves of 2000 fields of the gap equation's Gaussian: the power of each mode within 5 errors (one in 10^5)."""
    system = Phi4(0.2, 0.3, (4, 4))
    assert isinstance(system, HasAnnealing) and isinstance(system, HasGaussianStart)
    start = GaussianStart(torch.from_numpy(system.inverse_power()))
    fields = start.sample(2000, torch.Generator().manual_seed(1)).numpy()
    for seed in range(20):
        fields = system.moved(fields, 0.0, seed)
    power = np.abs(np.fft.fft2(fields)) ** 2 / 16
    np.testing.assert_allclose(power.mean(0) * system.inverse_power(), 1, atol=5 * np.sqrt(2 / 2000))


@pytest.mark.parametrize("coupling", [0.1, 1.5])
def test_single_sites_keep_their_law(coupling):
    """kappa -> 0: moves from narrow fields end in the law of a site by quadrature, <phi^2> within 4 errors."""
    fields = 0.3 * np.random.default_rng(2).standard_normal((2000, 4, 4)).astype(np.float32)
    for seed in range(30):
        fields = moved(fields, 1e-6, 0.4, coupling, seed)
    x = np.linspace(-6, 6, 4001)
    weight = np.exp(-0.4 * x**2 - coupling * x**4)
    exact = (weight * x**2).sum() / weight.sum()
    square = (fields.astype(float) ** 2).mean((1, 2))
    assert abs(square.mean() - exact) < 4 * square.std() / np.sqrt(2000)


def test_detailed_balance_of_moves():
    """In equilibrium (phi, phi') and (phi', phi) have one law: <M^2 E' - M'^2 E> = 0 within 4 errors, E = sum phi^4."""
    fields = np.random.default_rng(3).standard_normal((4000, 4, 4)).astype(np.float32)
    for seed in range(30):
        fields = moved(fields, 0.15, 0.5, 0.3, seed)
    after = moved(fields, 0.15, 0.5, 0.3, 99)
    m, n = (f.astype(float).mean((1, 2)) ** 2 for f in (fields, after))
    e, g = ((f.astype(float) ** 4).sum((1, 2)) for f in (fields, after))
    difference = m * g - n * e
    assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(4000)
