"""The coupling of each configuration, as the closed forms take it."""

import math
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import i0e, ive
from torch import Tensor

__all__ = ["Wilson"]

TERMS = 10
"""Terms of Fourier sums in units of sqrt(beta + 1): the first that is left out is e^-40 of the largest, and far below the
least density of a free plaquette, e^(-2 beta), up to beta = 11."""


class Wilson(NamedTuple):
    """The coupling of each configuration.

    Attributes:
        beta: (N,).
        spread: 1/b_v, with I_1/I_0(beta) = e^(-1/2b_v), (N,).
        ratios: I_n/I_0(beta) for n = 1, 2, ..., (N, terms).
    """

    beta: Tensor
    spread: Tensor
    ratios: Tensor

    @classmethod
    def of(cls, beta: Tensor) -> "Wilson":
        """At positive beta (N,)."""
        several, index = beta.double().cpu().unique(return_inverse=True)
        values = several.numpy()[:, None]
        order = np.arange(1, math.ceil(TERMS * math.sqrt(values.max() + 1)) + 1)
        ratios = torch.from_numpy(ive(order, values) / i0e(values))[index].to(beta.device)
        return cls(beta.double(), -2 * ratios[:, 0].log(), ratios)

    def of_rows(self, rows: Tensor) -> "Wilson":
        """Select some of the configurations."""
        return Wilson(*(column[rows] for column in self))

    def variance(self, noise: Tensor) -> Tensor:
        """1/b_v + 4 s^2 of a noisy plaquette, (N,)."""
        return self.spread + 4 * noise**2
