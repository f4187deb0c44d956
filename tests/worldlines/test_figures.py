"""Figures of worldlines: what is drawn where."""

import numpy as np
import pandas as pd

from emulant.contracts.source import REFERENCE, Source
from emulant.worldlines.figures import against_mu, breaks, fluxes, onset

MODEL = Source("model")


def test_fluxes_are_lines_and_breaks_are_circles():
    configuration = np.zeros((4, 3, 4), int)
    configuration[1, 2] = 2
    configuration[0, 0, 1] = -1
    axis = fluxes({"a": configuration}).axes[0]
    *lines, circles = axis.lines
    assert len(lines) == 5 and lines[-1].get_linewidth() == 2 * lines[0].get_linewidth()
    np.testing.assert_array_equal(circles.get_xydata(), [(0, 1), (1, 1)])


def test_a_line_for_each_extent():
    table = pd.DataFrame(
        {"extent": [4, 4, 8, 8], "mu": [1.0, 0.5, 0.5, 1.0], "density": [1.0, 0.1, 0.0, 0.9]}
    )
    axis = onset(table.assign(density_error=0.1)).axes[0]
    np.testing.assert_allclose(axis.lines[0].get_xydata(), [(0.5, 0.1), (1.0, 1.0)])
    assert [t.get_text() for t in axis.get_legend().get_texts()] == ["$N_t = 4$", "$N_t = 8$"]


def test_pulls_of_weighted_densities():
    names = ("raw_density", "density", "worm_density")
    row = dict(zip(names, (0.4, 0.5, 0.3), strict=True)) | {f"{name}_error": 0.1 for name in names}
    table = pd.DataFrame([{"mu": 1.0, "ess": 0.7, "ess_error": 0.01, **row}])
    middle = against_mu({MODEL: table}, ["model"]).axes[1]
    np.testing.assert_allclose(middle.lines[0].get_ydata(), 0.2 / np.hypot(0.1, 0.1))


def test_bars_of_breaks():
    rows = [(*source, i, v) for source in (REFERENCE, MODEL) for i, v in enumerate((0.9, 0.1))]
    table = pd.DataFrame(rows, columns=["model", "variant", "index", "value"])
    axis = breaks(table, [REFERENCE, MODEL], ["model"]).axes[0]
    assert sorted(round(p.get_height(), 3) for p in axis.patches) == [0.1, 0.1, 0.9, 0.9]
