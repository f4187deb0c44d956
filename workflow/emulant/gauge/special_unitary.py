r"""Two-dimensional SU(2) with the Wilson action on a torus: exact values by characters, and independent exact plaquettes.

S = -beta sum_p (1/2) Tr U_p. The weight of a plaquette has the coefficients a_n = 2 I_n(beta) / beta of n chi_n, where
n = 1, 2, ... is the dimension of a representation, and the torus has (A. Migdal, Sov. Phys. JETP 42 (1975) 413; B. Rusakov,
Mod. Phys. Lett. A 5 (1990) 693)

.. math:: Z = \sum_n a_n^V, \qquad
          W(A) = \frac{1}{2Z} \sum_n \sum_{m = n \pm 1} \frac{m}{n} a_n^{V - A} a_m^A

for (1/2) Tr of a loop of area A that can be contracted. Elements are quaternions (..., 4), the real part first. With
plaquettes transported to one point, their product is the commutator of the two holonomies: V - 1 of them and both holonomies
are free. There is no topological charge.
"""

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import ive

__all__ = ["Drawn", "SU2Torus", "multiplied", "trial_plaquettes"]

LOST = 1e-17
"""Terms below it, relative to the largest, are no digits of the sums."""
CONJUGATE = np.array([1.0, -1.0, -1.0, -1.0])


class SU2Torus:
    """The theory on one torus.

    Arguments:
        beta: of the action, positive.
        plaquettes: V, at least 2.
    """

    def __init__(self, beta: float, plaquettes: int) -> None:
        self.beta, self.plaquettes = float(beta), plaquettes

    @cached_property
    def ratios(self) -> np.ndarray:
        """a_n / a_1 for n = 1, 2, ..., up to those that are lost in their square."""
        order = np.arange(1, math.ceil(20 * math.sqrt(self.beta + 1)) + 20)
        ratios = ive(order, self.beta) / ive(1, self.beta)
        return ratios[ratios**2 > LOST]

    @property
    def log_single(self) -> float:
        """Ln of the partition function of one free plaquette, a_1."""
        return math.log(2 * ive(1, self.beta) / self.beta) + self.beta

    @property
    def log_z(self) -> float:
        """Ln Z with respect to the Haar measure."""
        return self.plaquettes * self.log_single + math.log((self.ratios**self.plaquettes).sum())

    @property
    def plaquette(self) -> float:
        """<(1/2) Tr U_p>; I_2 / I_1 in a large volume."""
        return self.wilson_loop(1)

    def wilson_loop(self, area: int) -> float:
        """Compute <(1/2) Tr> of a loop of this area."""
        r, n = self.ratios, np.arange(1, len(self.ratios) + 1)
        outside, inside = r ** (self.plaquettes - area), r**area
        up = (n[1:] / n[:-1] * outside[:-1] * inside[1:]).sum()
        down = (n[:-1] / n[1:] * outside[1:] * inside[:-1]).sum()
        return float((up + down) / 2 / (r**self.plaquettes).sum())

    @property
    def acceptance(self) -> float:
        """Acceptance of `trial_plaquettes` with probability e^(beta ((1/2) Tr U_V - 1))."""
        return math.exp(self.log_z - (self.plaquettes - 1) * self.log_single - self.beta)

    @property
    def effective_part(self) -> float:
        """ESS of `trial_plaquettes` with weights; a_1(beta)^2 / a_1(2 beta) in a large volume."""
        double = SU2Torus(2 * self.beta, 1)
        n = min(len(self.ratios), len(double.ratios))
        others = (self.ratios[:n] ** (self.plaquettes - 1) * double.ratios[:n]).sum()
        square = 2 * math.log((self.ratios**self.plaquettes).sum()) - math.log(others)
        return math.exp(square + 2 * self.log_single - double.log_single)


class Drawn(NamedTuple):
    """Plaquettes (N, V, 4), and ln of their weights e^(beta (1/2) Tr U_V), (N,)."""

    plaquettes: np.ndarray
    log_weight: np.ndarray


def trial_plaquettes(torus: SU2Torus, count: int, generator: np.random.Generator) -> Drawn:
    """Draw V - 1 free plaquettes and two holonomies of the Haar measure; the last plaquette closes the torus."""
    free = _with_real_parts(_real_parts(torus.beta, (count, torus.plaquettes - 1), generator), generator)
    a, b = (_normed(generator.standard_normal((count, 4))) for _ in range(2))
    closed = multiplied(multiplied(a, b), multiplied(a * CONJUGATE, b * CONJUGATE))
    product = free[:, 0]
    for number in range(1, free.shape[1]):
        product = multiplied(product, free[:, number])
    last = multiplied(product * CONJUGATE, closed)
    return Drawn(np.concatenate([free, last[:, None]], 1), torus.beta * last[:, 0])


def multiplied(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Multiply quaternions (..., 4)."""
    real = x[..., :1] * y[..., :1] - (x[..., 1:] * y[..., 1:]).sum(-1, keepdims=True)
    vector = x[..., :1] * y[..., 1:] + y[..., :1] * x[..., 1:] + np.cross(x[..., 1:], y[..., 1:])
    return np.concatenate([real, vector], -1)


def _real_parts(beta: float, shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Draw numbers in [-1, 1] of density sqrt(1 - x^2) e^(beta x), by rejection (M. Creutz, Phys. Rev. D 21 (1980) 2308)."""
    drawn = np.empty(shape).ravel()
    missing = np.arange(drawn.size)
    while len(missing):
        uniform = generator.random(len(missing))
        x = 1 + np.log1p(-uniform * -math.expm1(-2 * beta)) / beta
        accepted = generator.random(len(missing)) < np.sqrt(np.clip(1 - x**2, 0, None))
        drawn[missing[accepted]] = x[accepted]
        missing = missing[~accepted]
    return drawn.reshape(shape)


def _with_real_parts(real: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Give real parts (...) a vector in a random direction, (..., 4)."""
    direction = _normed(generator.standard_normal((*real.shape, 3)))
    return np.concatenate([real[..., None], np.sqrt(1 - real**2)[..., None] * direction], -1)


def _normed(vectors: np.ndarray) -> np.ndarray:
    """Divide vectors (..., k) by their length."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
