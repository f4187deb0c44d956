"""Exact samples of the free field, for observables that have a closed form there."""

import numpy as np
import pytest

from emulant.lattice.free import free_power


@pytest.fixture
def free_fields():
    """A function (kappa, shape, count, seed) -> fields drawn exactly from the action at lambda = 0."""

    def draw(kappa, shape, count, seed):
        axes = tuple(range(1, len(shape) + 1))
        noise = np.fft.fftn(np.random.default_rng(seed).normal(size=(count, *shape)), axes=axes)
        return np.fft.ifftn(noise * np.sqrt(free_power(kappa, shape)), axes=axes).real

    return draw
