"""The effective action of a model beside the exact one."""

import numpy as np
import pandas as pd
import pytest

from emulant.contracts.source import Source
from emulant.plots.style import look_of
from emulant.systems.quartic_well.figures import effective_action


def test_effective_action_shows_the_difference_where_the_density_is_large():
    phi = np.linspace(-3, 3, 7)
    parts = [
        pd.DataFrame({"t": t, "phi": phi, "exact": phi**2 / 2, "learned": phi**2 / 2 + 0.01,
                      "density": np.where(np.abs(phi) < 2.5, 0.1, 1e-4)})
        for t in (0.1, 0.3, 0.6, 0.9)
    ]  # fmt: skip
    figure = effective_action(pd.concat(parts), look_of(Source("flow"), ["flow"]))
    assert len(figure.axes) == 8
    difference = figure.axes[4].lines[-1]
    np.testing.assert_allclose(difference.get_ydata(), 0.01)
    assert len(difference.get_xdata()) == 5
    assert figure.axes[4].patches[0].get_height() == pytest.approx(0.04)
