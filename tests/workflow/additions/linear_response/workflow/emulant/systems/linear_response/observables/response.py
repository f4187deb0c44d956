"""Correlations of outputs with inputs, and the variance of outputs."""

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="response",
    symbol=r"\langle y x_i, y y \rangle_n",
    description="<y x_1> (n = 1), <y x_2> (n = 2), <y^2> (n = 3)",
    primaries=lambda pairs: np.column_stack([pairs.outputs * pairs.inputs, pairs.outputs**2]),
    value=lambda means, shape: means,
    indices=lambda shape: (1, 2, 3),
    correlated=True,
)
