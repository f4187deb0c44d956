"""The figure of the layers of a solved potential."""

import numpy as np
import pandas as pd

from emulant.contracts.source import Source
from emulant.plots.layers import layers


def test_layers_beyond_the_first_are_shown():
    tau = np.array([0.0, 0.1, 1.0])
    table = pd.DataFrame(
        {"tau": tau, "residual": 1e-3 * (1 + tau), "entropy_rate": 1 / (1 + tau), "laplacian": 1 / (1 + tau)}
    )
    figure = layers({Source("potential"): table}, ["potential"])
    residual, entropy = figure.axes
    np.testing.assert_allclose(residual.lines[0].get_xdata(), [0.1, 1.0])
    identity, points = entropy.lines
    np.testing.assert_allclose(identity.get_ydata(), points.get_ydata())
