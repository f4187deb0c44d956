"""Dipoles of charges along the magnetic field's axis at each slice."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.kinetic.transport import SLICES
from emulant.storage.pairs import Pairs
from emulant.systems.charge_transport.views import at_slice, dipole_sums, dipoles


def _indices(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(range(len(SLICES)))


def _sums_of(sign: int, pairs: Pairs) -> np.ndarray:
    """Sums of sin phi at each slice, then numbers, of one charge."""
    return np.concatenate([part[..., sign] for part in dipole_sums(pairs)], axis=1)


def _ratio(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    sines, numbers = np.split(means, 2, axis=-1)
    return sines / numbers


def _moments(pairs: Pairs) -> np.ndarray:
    """F a_1 at each slice, half the difference of positive and negative particles, then f^2."""
    separation = pairs.conditions["separation"][:, None]
    return np.concatenate([separation * dipoles(pairs), separation**2], axis=1)


def _slope(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    # Without any separation there is no response, and its number is arbitrary.
    return means[..., :-1] / np.maximum(means[..., -1:], 1e-12)


observables = (
    Observable(
        name="positive_dipole",
        symbol="a_{1,n}^+",
        description="<sin phi> of positive particles at slice n, from bins of azimuth",
        primaries=lambda pairs: _sums_of(0, pairs),
        value=_ratio,
        indices=_indices,
        member=at_slice("a_1^+"),
        unit="",
        correlated=True,
    ),
    Observable(
        name="negative_dipole",
        symbol="a_{1,n}^-",
        description="<sin phi> of negative particles at slice n, from bins of azimuth",
        primaries=lambda pairs: _sums_of(1, pairs),
        value=_ratio,
        indices=_indices,
        member=at_slice("a_1^-"),
        unit="",
        correlated=True,
    ),
    Observable(
        name="dipole_memory",
        symbol=r"\langle D_n D \rangle",
        description="<D_n D> of D = (a_1^+ - a_1^-) / 2 at slice n and at the last one: what the last knows of the others",
        primaries=lambda pairs: dipoles(pairs) * dipoles(pairs)[:, -1:],
        value=lambda means, shape: means,
        indices=_indices,
        member=at_slice(r"\langle D D_7\rangle"),
        unit="",
        correlated=True,
    ),
    Observable(
        name="dipole_square",
        symbol=r"\langle D_n^2 \rangle",
        description="<D_n^2> at slice n: separations and chance",
        primaries=lambda pairs: dipoles(pairs) ** 2,
        value=lambda means, shape: means,
        indices=_indices,
        member=at_slice(r"\langle D^2\rangle"),
        unit="",
        correlated=True,
    ),
    Observable(
        name="dipole_response",
        symbol=r"\partial a_{1,n} / \partial f",
        description="<f (a_1^+ - a_1^-) / 2> / <f^2> at slice n: what is left of the separation",
        primaries=_moments,
        value=_slope,
        indices=_indices,
        member=at_slice(r"\partial a_1/\partial f"),
        unit="",
        correlated=True,
    ),
)
