"""The figure of residuals: curves of all sites and of shells, a map over the field."""

import numpy as np
import pandas as pd

from emulant.contracts.source import Source
from emulant.plots.residuals import residuals
from emulant.plots.style import look_of

LOOK = look_of(Source("flow"), ["flow"])


def rows(part, positions, noise=(0.1, 1.0)):
    return [
        {"noise": s, "part": part, "index": i, "position": p, "residual": 0.1 * (i + 1), "error": 0.01}
        for s in noise
        for i, p in enumerate(positions)
    ]


def test_curves_of_at_most_four_shells_and_a_map():
    table = pd.DataFrame(
        rows("all", [np.nan]) + rows("shell", np.arange(7) / 2) + rows("field", [-1.0, 0.0, 1.0])
    )
    figure = residuals(table, LOOK)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["all", "$|k| = 0$", "$|k| = 1$", "$|k| = 2$", "$|k| = 3$"]
    (mesh,) = (c for c in figure.axes[1].collections if c.get_array() is not None)
    np.testing.assert_allclose(mesh.get_array(), [[0.1, 0.2, 0.3]] * 2)
    np.testing.assert_allclose([-mesh.norm.vmin, mesh.norm.vmax], 0.3)


def test_a_site_has_no_shells():
    figure = residuals(pd.DataFrame(rows("all", [np.nan]) + rows("field", [0.0])), LOOK)
    assert len(figure.axes[0].get_legend().get_texts()) == 1
