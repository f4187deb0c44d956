"""Figures of spins: what is drawn where."""

import numpy as np
import pandas as pd

from emulant.contracts.source import Source
from emulant.spins.figures import against_temperature, free_energies, vortices


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


def test_free_energies_have_the_exact_zero_and_both_estimates():
    table = pd.DataFrame(
        {
            "beta": [0.4, 0.5],
            "divergence": [0.02, 0.01],
            "divergence_error": [1e-3, 1e-3],
            "minus_log_z": [-100.0, -200.0],
            "minus_log_z_error": [1e-3, 1e-3],
            "exact": [-100.001, -200.0],
        }
    )
    axis = free_energies({Source("m"): table}, ["m"]).axes[0]
    zero, *_ = axis.lines
    above, weighted = axis.containers
    assert set(zero.get_ydata()) == {0} and axis.get_yscale() == "symlog"
    np.testing.assert_allclose(np.asarray(above.lines[0].get_ydata(), float), [2e-4, 5e-5])
    np.testing.assert_allclose(np.asarray(weighted.lines[0].get_ydata(), float), [1e-5, 0.0], atol=1e-12)
    unknown = free_energies({Source("m"): table.assign(exact=np.nan)}, ["m"]).axes[0]
    assert len(unknown.containers) == 1
