"""Silver Blaze: worldlines against complex Langevin."""

import numpy as np
import pandas as pd

from emulant.systems.bose_gas.figures import learned, silver_blaze
from emulant.systems.bose_gas.views import QUANTITIES


def test_silver_blaze_shows_pulls_and_opens_what_is_not_trusted():
    rows = [
        {
            "method": method,
            "mu": mu,
            "extent": 8,
            "trusted": trusted,
            "density": density,
            "density_error": error,
        }
        for method, mu, trusted, density, error in (
            ("worldline", 0.5, True, 0.10, 0.03),
            ("worldline", 1.0, True, 0.50, 0.03),
            ("langevin", 0.5, True, 0.20, 0.04),
            ("langevin", 1.0, False, 0.50, 0.04),
        )
    ]
    below = silver_blaze(pd.DataFrame(rows)).axes[1]
    closed, opened = (drawn for drawn in below.lines if drawn.get_marker() == "o")
    np.testing.assert_allclose(closed.get_xydata(), [[0.5, 2.0]])
    np.testing.assert_allclose(opened.get_xydata(), [[1.0, 0.0]], atol=1e-12)
    assert opened.get_markerfacecolor() == "white"


def test_a_model_is_open_where_it_was_not_trained():
    numbers = {"density": 0.1, "squared": 0.2, "fourth": 0.3}
    errors = {f"{name}_error": 0.3 for name in numbers}
    exact = pd.DataFrame([{"mu": mu, **numbers, **errors} for mu in (0.5, 0.7)])
    rows = [
        {"observable": name, "index": k, "value": value + 0.5 * k, "error": 0.4}
        for name, value in zip(QUANTITIES, numbers.values(), strict=True)
        for k in (1, 2)
    ]
    below = learned(pd.DataFrame(rows), exact, [0.5]).axes[1]
    points = [line for line in below.lines if line.get_marker() == "o" and len(line.get_xdata())]
    np.testing.assert_allclose([float(line.get_ydata()[0]) for line in points], [1.0, 2.0] * 3)
    assert [line.get_markerfacecolor() == "white" for line in points] == [False, True] * 3
