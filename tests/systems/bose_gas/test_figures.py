"""Silver Blaze: worldlines against complex Langevin."""

import numpy as np
import pandas as pd

from emulant.systems.bose_gas.figures import silver_blaze


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
