"""The posterior of measured values: each parameter with its numbers, and its interval inside of the axis."""

import pandas as pd

from emulant.contracts.source import Source
from emulant.plots.posteriors import intervals


def test_each_parameter_has_its_mean_and_error():
    rows = {
        "parameter": ["norm", "eta"],
        "mean": [15.4, 0.117],
        "deviation": [0.91, 0.021],
        "shrinkage": [0.3, 0.4],
    }
    table = pd.DataFrame(rows | {"low": [13.7, 0.08], "high": [17.0, 0.16]})
    axes = intervals({Source("emulator_posterior"): table}, ["emulator_posterior"]).axes
    assert [axis.get_ylabel() for axis in axes] == ["norm", "η"]
    assert [axis.get_title(loc="left").split(": ")[1] for axis in axes] == ["15.4(9)", "0.12(2)"]
    for axis, low, high in zip(axes, table["low"], table["high"], strict=True):
        assert axis.get_xlim()[0] < low < high < axis.get_xlim()[1]
