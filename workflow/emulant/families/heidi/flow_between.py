"""Flow of single particles between impact parameters: directed flow is odd in b, elliptic flow even.

Tables are interpolated in b^2, so what is held of directed flow is v_1 / b, which is even. The weights
w_k of an event say its b too, as b^2 = sum_k w_k b_k^2 with b_k of the nodes: the interpolation is exact for b^2 itself.
"""

from typing import Any, NamedTuple

import numpy as np

from emulant.families.heidi.azimuth import DEGREES
from emulant.families.heidi.grid import Grid

__all__ = ["FlowTables", "flow_tables", "with_distance"]

DIRECTED = 2 * DEGREES[0]
"""Coefficients of directed flow, the first."""
NEAR = 3
"""A knot that is so many times nearer to b = 0 than the next says little of v_1 / b: its error would count so many times. It
gets the value of the next."""


class FlowTables(NamedTuple):
    """What is interpolated.

    Attributes:
        coefficients: at the nodes, of shape (K, kinds, coefficients): of v_1 / b, fm^-1, and of v_2.
        squares: b^2 at the nodes, fm^2, (K,); 1 where all are at one impact parameter.
    """

    coefficients: np.ndarray
    squares: np.ndarray


def flow_tables(nodes: np.ndarray, flow: np.ndarray) -> FlowTables:
    """Divide directed flow by the impact parameter.

    Arguments:
        nodes: impact parameter and further conditions, (K, D).
        flow: coefficients of v_1 and v_2 at the nodes, (K, kinds, coefficients).
    """
    shape = Grid.of_nodes(nodes).shape
    if shape[0] == 1:
        return FlowTables(flow, np.ones(len(nodes)))
    tables = flow.reshape(shape[0], -1, *flow.shape[1:]).copy()
    knots = np.unique(nodes[:, 0])
    directed = tables[..., :DIRECTED]
    directed[1:] /= knots[1:, None, None, None]
    directed[0] = directed[1] if NEAR * knots[0] < knots[1] else directed[0] / knots[0]
    return FlowTables(tables.reshape(flow.shape), nodes[:, 0] ** 2)


def with_distance(coefficients: Any, squared: Any) -> Any:
    """Multiply interpolated directed flow by b; NumPy or torch.

    Arguments:
        coefficients: interpolated, (..., coefficients); changed.
        squared: interpolated b^2, (...).
    """
    coefficients[..., :DIRECTED] *= (squared.clip(0) ** 0.5)[..., None]
    return coefficients
