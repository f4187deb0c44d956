"""Mean transverse momentum of events, and its fluctuation."""

import numpy as np

from emulant.contracts.observable import Observable


def _spread(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    first, second = means[..., :1], means[..., 1:]
    return np.sqrt(np.maximum(second - first**2, 0)) / first


observables = (
    Observable(
        name="mean_pt",
        symbol=r"\langle [p_T] \rangle",
        description="mean over events of the mean p_T of charged particles of an event",
        primaries=lambda view: view.mean_pt[:, None],
        value=lambda means, shape: means,
        unit="GeV",
        integrated=True,
    ),
    Observable(
        name="mean_pt_spread",
        symbol=r"\sigma([p_T]) / \langle [p_T] \rangle",
        description="fluctuation of [p_T] from event to event, of smooth spectra: no statistical part",
        primaries=lambda view: view.mean_pt[:, None] ** np.array([1, 2]),
        value=_spread,
        unit="",
    ),
)
