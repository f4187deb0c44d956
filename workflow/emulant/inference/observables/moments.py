"""Moments of the parameters over all observations: the prior's, where the posteriors are right."""

import numpy as np

from emulant.contracts.observable import Observable


def _indices(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Number the parameters from 1 on."""
    return tuple(range(1, shape[0] + 1))


observables = (
    Observable(
        name="parameter_means",
        symbol=r"\langle\theta_n\rangle",
        description="mean of parameter n over all observations and their posteriors",
        primaries=lambda view: np.asarray(view.outputs, dtype=np.float64),
        value=lambda means, shape: means,
        indices=_indices,
        unit="",
        correlated=True,
    ),
    Observable(
        name="parameter_squares",
        symbol=r"\langle\theta_n^2\rangle",
        description="mean square of parameter n over all observations and their posteriors",
        primaries=lambda view: np.asarray(view.outputs, dtype=np.float64) ** 2,
        value=lambda means, shape: means,
        indices=_indices,
        unit="",
        correlated=True,
    ),
)
