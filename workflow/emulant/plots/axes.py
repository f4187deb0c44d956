"""Axes whose labels do not overlap, and points beyond their frame."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from emulant.plots.format import number_text

__all__ = ["beyond_marked", "tidied"]

RATIO = 300
"""A logarithmic axis of a smaller ratio has labels at 1, 2 and 5 of each decade, one of a larger at powers of ten."""
ABOVE, BELOW = "^", "v"


def tidied(axes: Axes) -> None:
    """Label logarithmic axes sparsely, where nobody has chosen other labels."""
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "log" and isinstance(axis.get_major_locator(), LogLocator):
            _sparse(axis)


def _sparse(axis: Axis) -> None:
    low, high = axis.get_view_interval()
    if low <= 0 or isinstance(axis.get_major_formatter(), FuncFormatter):
        return
    if high < RATIO * low:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value)))
    axis.set_minor_formatter(NullFormatter())


def beyond_marked(axes: Axes) -> None:
    """Draw a triangle at the edge for every point above or below the frame, in the point's colour."""
    low, high = sorted(axes.get_ylim())
    for line in [line for line in axes.lines if line.get_marker() not in ("None", "", None)]:
        x, y = (np.asarray(values, dtype=float) for values in line.get_data())
        for chosen, edge, marker in ((y > high, high, ABOVE), (y < low, low, BELOW)):
            if chosen.any():
                drawn = {"color": line.get_color(), "ms": 4, "ls": "", "clip_on": False, "zorder": 5}
                axes.plot(x[chosen], np.full(chosen.sum(), edge), marker=marker, **drawn)
    axes.set_ylim(low, high)
