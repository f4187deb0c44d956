"""Ln Z of spins with its derivatives, and the thermodynamics that follows."""

from typing import NamedTuple

__all__ = ["LogPartition"]


class LogPartition(NamedTuple):
    """Ln Z as a function of K = beta J, with S = -K sum over bonds of s s'.

    Attributes:
        value: ln Z, the sum over states.
        slope: d ln Z / dK, the mean of the sum of s s'.
        curvature: d^2 ln Z / dK^2, its variance.
    """

    value: float
    slope: float
    curvature: float

    def entropy(self, coupling: float) -> float:
        """S = ln Z + beta <E> of the whole lattice, in units of k_B.

        Arguments:
            coupling: K.
        """
        return self.value - coupling * self.slope
