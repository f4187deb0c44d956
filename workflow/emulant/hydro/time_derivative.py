"""The time derivative of the flow, of second order, from the steps before: d_tau u = (3 u + difference) / (2 step).

At the beginning of a step u(tau), u(tau - step), u(tau - 2 step) give it. At its end Euler's u misses step^2 d_tau^2 u / 2,
of which the derivative would be wrong at first order; second differences of the three earlier flows make up for it.
"""

from numba.extending import register_jitable

__all__ = ["flow_difference", "flow_difference_after"]


@register_jitable
def flow_difference(history):
    """Compute the difference at the beginning of a step; `history` is (u(tau - step), u(tau - 2 step))."""
    return history[1] - 4 * history[0]


@register_jitable
def flow_difference_after(flow, history):
    """Compute the difference at the end of a step from u(tau), for the u of Euler's step."""
    return 1.5 * history[1] - 2 * history[0] - 2.5 * flow
