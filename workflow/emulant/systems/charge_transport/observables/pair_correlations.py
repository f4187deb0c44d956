"""Correlations of pairs of final particles, which slices do not hold: of the events behind each input."""

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


observables = tuple(_of(column, name) for column, name in enumerate(NAMES))
