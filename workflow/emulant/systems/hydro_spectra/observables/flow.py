"""Integrated flow of charged particles from two and four of them."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.systems.hydro_spectra.views import HARMONICS, SpectraView


def _squares(view: SpectraView) -> np.ndarray:
    return np.abs(view.vectors) ** 2


def _both(view: SpectraView) -> np.ndarray:
    """|V_n|^2, then |V_n|^4."""
    return np.concatenate([_squares(view), _squares(view) ** 2], axis=1)


def _fourth(means: np.ndarray) -> np.ndarray:
    """2 <v^2>^2 - <v^4> = -c_n{4}."""
    second, fourth = np.split(means, 2, axis=-1)
    return 2 * second**2 - fourth


def _root(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    minus = _fourth(means)
    return np.where(minus > 0, np.abs(minus) ** 0.25, np.nan)


observables = (
    Observable(
        name="flow_two",
        symbol=r"v_n\{2\}",
        description="sqrt <|V_n|^2> of charged particles of all p_T",
        primaries=_squares,
        value=lambda means, shape: np.sqrt(means),
        indices=lambda shape: HARMONICS,
        unit="",
        correlated=True,
    ),
    Observable(
        name="flow_four",
        symbol=r"v_n\{4\}",
        description="(2 <|V_n|^2>^2 - <|V_n|^4>)^(1/4); none where the root is of a negative number",
        primaries=_both,
        value=_root,
        indices=lambda shape: HARMONICS,
        unit="",
        # A root near zero has no Gaussian error: the cumulant itself is judged.
        judged=False,
    ),
    Observable(
        name="flow_ratio",
        symbol=r"-c_n\{4\} / \langle v_n^2 \rangle^2",
        description="2 - <|V_n|^4> / <|V_n|^2>^2: 1 without fluctuations, 0 of Gaussian ones",
        primaries=_both,
        value=lambda means, shape: _fourth(means) / np.split(means, 2, axis=-1)[0] ** 2,
        indices=lambda shape: HARMONICS,
        unit="",
        correlated=True,
    ),
)
