"""The measured forward process follows the exact laws of its path."""

import numpy as np

from emulant.judging.forward import forward_cumulants
from emulant.transport.paths import path_from


def test_cumulants_follow_their_laws():
    """Two peaks, 4 sigma at every time and order."""
    rng = np.random.default_rng(1)
    x = rng.choice([-1.0, 1.0], size=(20000, 1)) + 0.25 * rng.normal(size=(20000, 1))
    paths = {
        "ve": path_from({"kind": "variance_exploding", "sigma": 10.0}),
        "vp": path_from({"kind": "variance_preserving", "sigma": 10.0}),
        "flow": path_from({"kind": "linear_interpolant"}),
    }
    table = forward_cumulants(x, paths, (0.1, 0.3), seed=1)
    assert len(table) == 3 * 2 * 4 and (table["error"] > 0).all()
    assert ((table["value"] - table["exact"]).abs() < 4 * table["error"]).all()
    fourth = table[(table["path"] == "ve") & (table["n"] == 4)]["exact"]
    assert np.ptp(fourth) == 0


def test_a_wrong_law_would_be_seen():
    """kappa_2 of the noised field is far from that of x_0."""
    x = np.random.default_rng(2).normal(size=(20000, 1))
    path = {"ve": path_from({"kind": "variance_exploding", "sigma": 10.0})}
    row = forward_cumulants(x, path, (0.5,), seed=1).iloc[0]
    assert row["value"] - (x**2).mean() > 20 * row["error"]
