"""The kinds of observables that events have: each a function of means over events."""

import re
from collections.abc import Callable

import numpy as np

from emulant.collisions.acceptance import COMMON, NAMES, PT_EDGES, RAPIDITY_EDGES, WINDOWS, places
from emulant.collisions.conserved import CHARGE_NAMES, TOTALS, net_charges, rounded_totals, sum_spread
from emulant.collisions.counts import (
    ORDER,
    correlations,
    covariances,
    cumulants_of,
    powers,
    products,
    shape_of,
    species_counts,
)
from emulant.collisions.events import Events
from emulant.collisions.species import species_of
from emulant.collisions.spectra import pt_density, rapidity_density
from emulant.collisions.windows import Window
from emulant.observables import Observable

__all__ = [
    "conserved_sum",
    "count_correlation",
    "count_covariance",
    "count_shape",
    "net_charge_cumulants",
    "of_events",
    "spectrum",
]

SUMS = {
    "px": ("px", r"(\sum p_x)_n"),
    "py": ("py", r"(\sum p_y)_n"),
    "pz": ("pz", r"(\sum p_z)_n"),
    "E": ("energy", r"(\sum E)_n"),
    "B": ("baryon", "B_n"),
    "Q": ("charge", "Q_n"),
    "S": ("strangeness", "S_n"),
}
"""What is conserved -> its name in observables, and the symbol of its sum over all particles."""


def of_events(
    name: str,
    symbol: str,
    description: str,
    primaries: Callable[[Events], np.ndarray],
    value: Callable[[np.ndarray], np.ndarray],
    indices: tuple[int, ...] = (0,),
    **more: bool | str,
) -> Observable:
    """An observable whose value needs the means of the primaries alone."""
    return Observable(
        name=name,
        symbol=symbol,
        description=description,
        primaries=primaries,
        value=lambda means, shape: value(means),
        indices=lambda shape: indices,
        **{"unit": "1", "lattice_only": False} | more,
    )


def _through_cumulants(
    numbers: Callable[[Events], np.ndarray], value: Callable[[np.ndarray], np.ndarray]
) -> tuple[Callable, Callable]:
    """Primaries and value of what needs C_1 ... C_4, (..., columns, 4), of numbers (N,) or (N, columns) of events alone."""
    return lambda events: powers(numbers(events)), lambda means: value(cumulants_of(means))


def count_shape(name: str, symbol: str, description: str, column: int) -> Observable:
    """Mean (0), variance (1), skewness (2) or excess kurtosis (3) of the number of each common species."""
    chosen = places(COMMON)
    return of_events(
        name,
        symbol,
        f"{description} of the number of particles of a species in an event; index n, its PDG number",
        *_through_cumulants(
            lambda events: species_counts(events)[:, chosen],
            lambda found: shape_of(found)[..., column],
        ),
        COMMON,
        correlated=column == 0,
    )


def count_correlation(name: str, symbol: str, one: int, other: int) -> Observable:
    """Pearson correlation of the numbers of two species in an event."""
    pair = places((one, other))
    return of_events(
        name,
        symbol,
        f"correlation of the numbers of {one} and {other}",
        lambda events: products(species_counts(events)[:, pair]),
        lambda means: correlations(covariances(means))[..., 0, 1, None],
        integrated=True,
    )


def count_covariance(name: str, symbol: str) -> Observable:
    """Covariances of the numbers of all pairs of common species, judged together."""
    chosen, (first, second) = places(COMMON), np.triu_indices(len(COMMON), 1)
    return of_events(
        name,
        symbol,
        "covariance of the numbers of two common species; index n = 100 i + j, places i < j, from 1, in "
        + " ".join(map(str, COMMON)),
        lambda events: products(species_counts(events)[:, chosen]),
        lambda means: covariances(means)[..., first, second],
        tuple((100 * (first + 1) + second + 1).tolist()),
        correlated=True,
    )


def conserved_sum(total: str) -> Observable:
    """Mean and standard deviation over events of a sum over all particles, one of TOTALS."""
    column = TOTALS.index(total)
    name, symbol = SUMS[total]
    return of_events(
        f"sum_{name}",
        symbol,
        f"mean (index 1) and standard deviation (index 2) over events of the sum of {total} over all particles",
        *_through_cumulants(
            lambda events: rounded_totals(events)[:, column],
            lambda found: sum_spread(found[..., 0, :]),
        ),
        (1, 2),
        unit="1" if total in CHARGE_NAMES else "GeV",
    )


def net_charge_cumulants(charge: str, suffix: str) -> Observable:
    """C_1 ... C_4 of a net charge, one of CHARGE_NAMES, in the window of WINDOWS that the suffix names."""
    column, seen = CHARGE_NAMES.index(charge), WINDOWS[suffix]
    return of_events(
        f"net_{SUMS[charge][0]}{suffix}",
        f"C_n({charge}){seen.symbol}",
        f"cumulants of net {charge} at {seen.words}; index n",
        *_through_cumulants(
            lambda events: net_charges(events, seen.window)[:, column],
            lambda found: found[..., 0, :],
        ),
        tuple(range(1, ORDER + 1)),
        correlated=True,
    )


def spectrum(axis: str, pdg: int) -> Observable:
    """dN/dy in bins of RAPIDITY_EDGES, or dN/dpT of all rapidities in bins of PT_EDGES, of a common species."""
    density, edges, name, quantity, unit = {
        "rapidity": (rapidity_density, RAPIDITY_EDGES, "dN/dy", "dN/dy", "1"),
        "pt": (pt_density, PT_EDGES, "dN/dpT", "dN/dp_T", "1/GeV"),
    }[axis]
    window = Window(pdg=(pdg,))
    return of_events(
        f"{axis}_{NAMES[pdg]}",
        f"{quantity}({_symbol(pdg)})_n",
        f"{name} of {pdg}; index n, the number of the bin",
        lambda events: density(events, edges, window),
        lambda means: means,
        tuple(range(1, len(edges))),
        correlated=True,
        unit=unit,
    )


def _symbol(pdg: int) -> str:
    """LaTeX of a species in a symbol of an observable, where a bare n is the index."""
    return re.sub(r"^n$", r"\\mathrm{n}", species_of(pdg).symbol).replace(r"\overline", r"\bar")
