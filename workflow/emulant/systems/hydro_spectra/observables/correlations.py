"""Correlations of harmonics with each other and with [p_T]."""

from collections.abc import Callable

import numpy as np

from emulant.contracts.observable import Observable
from emulant.systems.hydro_spectra.views import SpectraView


def _squares(view: SpectraView) -> np.ndarray:
    """v_2^2, v_3^2, v_4^2, v_5^2."""
    return np.abs(view.vectors) ** 2


def _pt_primaries(view: SpectraView) -> np.ndarray:
    """[p_T], [p_T]^2; v_n^2, v_n^4, v_n^2 [p_T] for n = 2, 3."""
    pt, squares = view.mean_pt[:, None], _squares(view)[:, :2]
    return np.concatenate([pt, pt**2, squares, squares**2, squares * pt], axis=1)


def _pt_value(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    pt, square = means[..., :1], means[..., 1:2]
    second, fourth, mixed = (means[..., k : k + 2] for k in (2, 4, 6))
    return (mixed - second * pt) / np.sqrt((fourth - second**2) * (square - pt**2))


def _response_primaries(view: SpectraView) -> np.ndarray:
    """Re V_4 V_2*^2, |V_2|^4, |V_4|^2; Re V_5 V_2* V_3*, |V_2|^2 |V_3|^2."""
    two, three, four, five = view.vectors.T
    squares = _squares(view)
    columns = (four * two.conj() ** 2).real, squares[:, 0] ** 2, squares[:, 2]
    further = (five * two.conj() * three.conj()).real, squares[:, 0] * squares[:, 1]
    return np.column_stack([*columns, *further])


def _symmetric_primaries(view: SpectraView) -> np.ndarray:
    """v_2^2, v_3^2, v_4^2, v_3^2 v_2^2, v_4^2 v_2^2."""
    squares = _squares(view)[:, :3]
    return np.concatenate([squares, squares[:, 1:] * squares[:, :1]], axis=1)


def _symmetric_value(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    product = means[..., :1] * means[..., 1:3]
    return means[..., 3:] / product - 1


def _single(
    name: str, symbol: str, description: str, value: Callable[[np.ndarray], np.ndarray]
) -> Observable:
    """A number of the correlations of V_2 ... V_5."""
    return Observable(
        name=name,
        symbol=symbol,
        description=description,
        primaries=_response_primaries,
        value=lambda means, shape: value(means)[..., None],
        unit="",
    )


observables = (
    Observable(
        name="flow_pt_correlation",
        symbol=r"\rho(v_n^2, [p_T])",
        description="Pearson's correlation of v_n^2 and [p_T] over events, n = 2, 3 [1601.04513]",
        primaries=_pt_primaries,
        value=_pt_value,
        indices=lambda shape: (2, 3),
        unit="",
        correlated=True,
    ),
    Observable(
        name="symmetric_cumulants",
        symbol=r"NSC(n, 2)",
        description="<v_n^2 v_2^2> / <v_n^2> <v_2^2> - 1, n = 3, 4",
        primaries=_symmetric_primaries,
        value=_symmetric_value,
        indices=lambda shape: (3, 4),
        unit="",
        correlated=True,
    ),
    _single(
        "chi_422",
        r"\chi_{422}",
        "Re <V_4 V_2*^2> / <|V_2|^4>: V_4 from V_2 squared [1502.02502]",
        lambda means: means[..., 0] / means[..., 1],
    ),
    _single(
        "rho_422",
        r"\rho_{422}",
        "Re <V_4 V_2*^2> / sqrt(<|V_2|^4> <|V_4|^2>)",
        lambda means: means[..., 0] / np.sqrt(means[..., 1] * means[..., 2]),
    ),
    _single(
        "chi_523",
        r"\chi_{523}",
        "Re <V_5 V_2* V_3*> / <|V_2|^2 |V_3|^2> [1502.02502]",
        lambda means: means[..., 3] / means[..., 4],
    ),
)
