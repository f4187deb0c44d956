"""Correlations of pairs of final particles, which slices do not hold: of the events behind each input."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.kinetic.pair_correlations import pair_values

NAMES = {
    "gamma_opposite": (r"\gamma_{OS}", "<cos(phi_a + phi_b)> of opposite charges"),
    "gamma_same": (r"\gamma_{SS}", "<cos(phi_a + phi_b)> of same charges"),
    "delta_gamma": (r"\Delta\gamma", "gamma_OS - gamma_SS: signal and background"),
    "delta_opposite": (r"\delta_{OS}", "<cos(phi_a - phi_b)> of opposite charges"),
    "delta_same": (r"\delta_{SS}", "<cos(phi_a - phi_b)> of same charges"),
    "final_flow": ("v_2", "<cos 2 phi> of final charged particles"),
}
"""In the order of `pair_values`."""


def _of(column: int, name: str) -> Observable:
    symbol, description = NAMES[name]
    return Observable(
        name=name,
        symbol=symbol,
        description=f"{description}, pairs of all events alike",
        primaries=lambda pairs: pairs.conditions["pairs"],
        value=lambda means, shape: pair_values(means)[..., column : column + 1],
        unit="",
        # They belong to what a model is shown, not to what it answers.
        judged=False,
    )


def _normalised(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Delta gamma over v_2 (delta_OS - delta_SS); without flow it means nothing."""
    values = pair_values(means)
    return values[..., 2:3] / (values[..., 5:6] * (values[..., 3:4] - values[..., 4:5]))


observables = (
    *(_of(column, name) for column, name in enumerate(NAMES)),
    Observable(
        name="delta_gamma_normalised",
        symbol=r"\Delta\gamma / v_2 \Delta\delta",
        description="Delta gamma over v_2 (delta_OS - delta_SS): one, nearly, where flow alone makes charges part",
        primaries=lambda pairs: pairs.conditions["pairs"],
        value=_normalised,
        unit="",
        judged=False,
    ),
)
