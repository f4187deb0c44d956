"""Random numbers of one event, one after another, from the generator of `randomness.streams`."""

from typing import NamedTuple

import numpy as np
from numba import njit

from emulant.randomness.streams import LANES, seeded, uniforms

__all__ = ["Stream", "direction", "stream_of", "uniform"]

READY = LANES // 2
"""Uniform variables that one step of all lanes gives."""


class Stream(NamedTuple):
    """The state of an event's generator, and variables that it has made and nobody has taken.

    Attributes:
        state: (4, LANES) uint32, updated.
        words: (LANES,) uint32, scratch.
        ready: (READY,) uniform variables.
        cursor: (1,), of the next to take.
    """

    state: np.ndarray
    words: np.ndarray
    ready: np.ndarray
    cursor: np.ndarray


def stream_of(sequence: np.random.SeedSequence) -> Stream:
    """Initialise the stream of an event."""
    state = seeded(sequence, 1)[0]
    return Stream(state, np.zeros(LANES, np.uint32), np.zeros(READY), np.full(1, READY))


@njit(cache=True)
def uniform(stream):
    """Draw a uniform variable in [0, 1)."""
    if stream.cursor[0] == stream.ready.size:
        uniforms(stream.state, stream.words, stream.ready)
        stream.cursor[0] = 0
    stream.cursor[0] += 1
    return stream.ready[stream.cursor[0] - 1]


@njit(cache=True)
def direction(stream):
    """Draw a unit vector, uniform on the sphere."""
    cosine, angle = 2 * uniform(stream) - 1, 2 * np.pi * uniform(stream)
    sine = np.sqrt(1 - cosine * cosine)
    return sine * np.cos(angle), sine * np.sin(angle), cosine
