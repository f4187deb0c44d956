"""The weight by the order parameter: a model with too few samples of one phase, and with none."""

import numpy as np
import pandas as pd
import pytest

from emulant.contracts.source import Source
from emulant.plots.weight_of_order import weight_of_order


def rows(density, error=0.01):
    edges = np.linspace(-1, 1, 5)
    density = np.asarray(density, dtype=float)
    return pd.DataFrame(
        {"left": edges[:-1], "right": edges[1:], "density": density, "error": error * density}
    )


@pytest.mark.parametrize(("lost", "ratios"), [(0.25, [2, 2, 2 / 3, 2 / 3]), (0.0, [0.5, 0.5])])
def test_the_mean_weight_of_each_phase(lost, ratios):
    """Reference 1/2 everywhere; the model has `lost` where M < 0. Without samples there is no ratio."""
    reference, raw = rows([0.5] * 4), rows([lost, lost, 1 - lost, 1 - lost])
    figure = weight_of_order({Source("flow"): (raw, raw)}, reference, ["flow"])
    weighted, referred = figure.axes[1].containers[:2]
    np.testing.assert_allclose(referred.lines[0].get_ydata(), ratios)
    np.testing.assert_allclose(weighted.lines[0].get_ydata(), np.ones(len(ratios)))
