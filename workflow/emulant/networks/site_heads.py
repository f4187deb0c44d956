r"""Heads of all sites of a lattice, from weights that the sites share in part.

.. math:: f_i(x) = \sum_c h_c \left[ L_{ci} x + O_{ci} \tanh(W_i x) \right], \qquad
    W_i = \sum_r a_{ir} W^r, \quad O_{ci} = \sum_r b_{cir} O^r

h are weights of the conditions c, such as hat functions of the temperature. Without a constant among the inputs f is odd.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["Heads", "SiteHeads"]


class Heads(NamedTuple):
    """Weights of each site under one or more conditions.

    Attributes:
        hidden: W, (V, hidden, inputs).
        readout: O, (conditions, V, outputs, hidden).
        linear: L, (conditions, V, outputs, inputs).
    """

    hidden: Tensor
    readout: Tensor
    linear: Tensor

    def everywhere(self, inputs: Tensor) -> Tensor:
        """Evaluate all heads on inputs (conditions, N, V, inputs): (conditions, N, V, outputs)."""
        by_site = inputs.transpose(1, 2)
        hidden = torch.tanh(by_site @ self.hidden.mT)
        outputs = hidden @ self.readout.mT + by_site @ self.linear.mT
        return outputs.transpose(1, 2)

    def at(self, site: int, inputs: Tensor) -> Tensor:
        """Evaluate one head under the first condition on inputs (N, inputs): (N, outputs)."""
        hidden = torch.tanh(inputs @ self.hidden[site].T)
        return hidden @ self.readout[0, site].T + inputs @ self.linear[0, site].T


class SiteHeads(nn.Module):
    """The weights from which the heads are made; all outputs are those of `linear` before any training.

    Arguments:
        linear: L at the start, (conditions, V, outputs, inputs).
        hidden: units of each head.
        rank: sets of weights that sites mix.
    """

    def __init__(self, linear: Tensor, hidden: int, rank: int) -> None:
        super().__init__()
        conditions, sites, outputs, inputs = linear.shape
        self.mixture = nn.Parameter(torch.randn(sites, rank) / math.sqrt(rank))
        self.hidden = nn.Parameter(torch.randn(rank, hidden, inputs) / math.sqrt(inputs))
        self.share = nn.Parameter(torch.randn(conditions, sites, rank) / math.sqrt(rank))
        self.readout = nn.Parameter(torch.zeros(rank, outputs, hidden))
        self.linear = nn.Parameter(linear.clone())

    def forward(self, weights: Tensor) -> Heads:
        """Make the heads of conditions with weights (conditions wanted, conditions)."""
        readout = torch.einsum("wc,cvr,roh->wvoh", weights, self.share, self.readout)
        linear = torch.einsum("wc,cvoi->wvoi", weights, self.linear)
        return Heads(torch.einsum("vr,rhi->vhi", self.mixture, self.hidden), readout, linear)
