"""Uniform variables one at a time, for kernels whose number of draws is random: one xorshift64* stream for each chain."""

import numpy as np
from numba import njit

__all__ = ["streams", "uniform"]


def streams(sequence: np.random.SeedSequence, chains: int) -> np.ndarray:
    """Initialise the states of `chains` streams, (chains,) uint64; none is zero, where a stream would stay."""
    return sequence.generate_state(chains, np.uint64) | np.uint64(1)


@njit(cache=True)
def uniform(state):
    """Draw the next number in [0, 1) of a stream (S. Vigna, ACM Trans. Math. Softw. 42 (2016) 30); `state` is (1,)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    # The factor is that of the paper; the upper 53 bits make a double.
    return np.float64((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)
