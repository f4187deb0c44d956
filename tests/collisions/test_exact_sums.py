"""Events with given sums, for arrays of numpy and of torch."""

import numpy as np
import pytest
import torch

from emulant.collisions.events import on_shell
from emulant.collisions.exact_sums import conserving

COUNTS = np.array([2, 0, 5, 1, 700, 3])
SUMS = np.zeros((6, 4))
SUMS[:, 3], SUMS[:, 2] = [4.0, 0.0, 20.0, 5.0, 1500.0, 0.2], [1.0, 0.0, -3.0, 0.0, 200.0, 0.0]
SUMS[2, :2] = 2.0, -1.5


@pytest.fixture
def cloud():
    """Momenta, masses and filled slots of six events; empty slots hold what must not matter."""
    generator = np.random.default_rng(1)
    occupied = np.arange(COUNTS.max()) < COUNTS[:, None]
    masses = generator.choice([0.14, 0.94], occupied.shape)
    momenta = on_shell(generator.normal(size=(*occupied.shape, 3)), masses)
    momenta[~occupied] = np.nan
    return momenta, masses, occupied


def test_conservation_of_momentum_and_energy(cloud):
    momenta, masses, occupied = cloud
    projected, possible = conserving(momenta, masses, occupied, SUMS)
    assert possible.tolist() == [True, False, True, False, True, False]
    for event in np.flatnonzero(possible):
        total = projected[event, occupied[event]].sum(axis=0)
        np.testing.assert_allclose(total, SUMS[event], atol=1e-10)
    squared = projected[..., 3] ** 2 - np.sum(projected[..., :3] ** 2, axis=-1)
    np.testing.assert_allclose(squared[occupied], masses[occupied] ** 2, atol=1e-9)
    np.testing.assert_array_equal(projected[~possible], momenta[~possible])


def test_particles_along_the_beam_stay_there(cloud):
    momenta, masses, occupied = cloud
    momenta[4, :200, :2] = 0
    momenta[4] = on_shell(momenta[4, :, :3], masses[4])
    projected, possible = conserving(momenta, masses, occupied, SUMS)
    assert possible[4] and not projected[4, :200, :2].any()
    np.testing.assert_allclose(projected[4].sum(axis=0), SUMS[4], atol=1e-10)


def test_both_kinds_of_arrays_agree(cloud):
    one, possible = conserving(*cloud, SUMS)
    tensors = map(torch.from_numpy, (*cloud, SUMS))
    two, also = conserving(*tensors)
    assert also.tolist() == possible.tolist()
    np.testing.assert_allclose(two.numpy(), one, rtol=1e-12, atol=1e-12)


def test_what_conserves_already_is_left_alone():
    half = np.random.default_rng(1).normal(size=(50, 3))
    momenta = on_shell(np.concatenate([half, -half]), np.full(100, 0.14))[None]
    everywhere, masses = np.ones((1, 100), bool), np.full((1, 100), 0.14)
    projected, _ = conserving(momenta, masses, everywhere, momenta.sum(axis=1))
    np.testing.assert_allclose(projected, momenta, atol=1e-12)
