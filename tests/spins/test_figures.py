"""Figures of spins: what is drawn where."""

import numpy as np
import pandas as pd

from emulant.spins.figures import against_temperature, vortices


def test_a_scan_has_points_and_lines():
    rows = [(beta, name, beta, 0.1) for beta in (0.5, 1.0, 2.0) for name in ("one", "two")]
    table = pd.DataFrame(rows, columns=["beta", "observable", "value", "error"])
    figure = against_temperature(table, [("one", "o", [("line", lambda t: 2 * t)]), ("two", "t", [])])
    left, right = figure.axes
    line, points = left.lines[0], left.containers[0].lines[0]
    np.testing.assert_allclose(line.get_ydata(), 2 * line.get_xdata())
    np.testing.assert_allclose(points.get_xydata(), [(2, 0.5), (1, 1.0), (0.5, 2.0)])
    assert line.get_xdata().min() == 0.5 and len(right.lines) < len(left.lines)


def test_vortices_lie_in_their_plaquettes():
    charges = np.zeros((1, 4, 5))
    charges[0, 1, 2], charges[0, 3, 0] = 1, -1
    axis = vortices(np.zeros((1, 4, 5)), charges, ["a"]).axes[0]
    up, down = axis.lines
    np.testing.assert_allclose(up.get_xydata(), [(2.5, 1.5)])
    np.testing.assert_allclose(down.get_xydata(), [(0.5, 3.5)])
