"""Constructors of the observables of events; each value is a function of means over events."""

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
from emulant.contracts.observable import Observable

__all__ = [
    "bin_centre",
    "conserved_sum",
    "count_correlation",
    "count_covariance",
    "count_shape",
    "mean_and_deviation",
    "net_charge_cumulants",
    "of_events",
    "species_symbol",
    "spectrum",
]

SUMS = {
    "px": ("px", r"\sum p_x"),
    "py": ("py", r"\sum p_y"),
    "pz": ("pz", r"\sum p_z"),
    "E": ("energy", r"\sum E"),
    "B": ("baryon", "B"),
    "Q": ("charge", "Q"),
    "S": ("strangeness", "S"),
}
"""Conserved quantity -> its name in observables, and the symbol of its sum over all particles."""


def of_events(
    name: str,
    symbol: str,
    description: str,
    primaries: Callable[[Events], np.ndarray],
    value: Callable[[np.ndarray], np.ndarray],
    indices: tuple[int, ...] = (0,),
    **more: bool | str | Callable[[int], str],
) -> Observable:
    """Return an observable whose value depends on the means of the primaries alone."""
    return Observable(
        name=name,
        symbol=symbol,
        description=description,
        primaries=primaries,
        value=lambda means, shape: value(means),
        indices=lambda shape: indices,
        **{"unit": "1"} | more,
    )


def _through_cumulants(
    numbers: Callable[[Events], np.ndarray], value: Callable[[np.ndarray], np.ndarray]
) -> tuple[Callable, Callable]:
    """Return primaries and value of a function of C_1 ... C_4, (..., columns, 4), of numbers (N,) or (N, columns)."""
    return lambda events: powers(numbers(events)), lambda means: value(cumulants_of(means))


def count_shape(name: str, symbol: str, description: str, column: int) -> Observable:
    """Declare the mean (0), variance (1), skewness (2) or excess kurtosis (3) of the number of each common species."""
    chosen = places(COMMON)
    return of_events(
        name,
        f"{symbol}(i)",
        f"{description} of the number of particles of a species in an event; its index is the PDG number",
        *_through_cumulants(
            lambda events: species_counts(events)[:, chosen],
            lambda orders: shape_of(orders)[..., column],
        ),
        COMMON,
        correlated=column == 0,
        member=lambda pdg: f"{symbol}({species_symbol(pdg)})",
    )


def count_correlation(name: str, symbol: str, one: int, other: int) -> Observable:
    """Declare the Pearson correlation of the numbers of two species in an event."""
    pair = places((one, other))
    return of_events(
        name,
        symbol,
        f"correlation of the numbers of {species_of(one).name} and {species_of(other).name}",
        lambda events: products(species_counts(events)[:, pair]),
        lambda means: correlations(covariances(means))[..., 0, 1, None],
        integrated=True,
    )


def count_covariance(name: str, symbol: str) -> Observable:
    """Declare the covariances of the numbers of all pairs of common species, judged together."""
    chosen, (first, second) = places(COMMON), np.triu_indices(len(COMMON), 1)
    return of_events(
        name,
        f"{symbol}(i, j)",
        "covariance of the numbers of two common species; index 100 i + j, places i < j, from 1, in "
        + " ".join(species_of(pdg).name for pdg in COMMON),
        lambda events: products(species_counts(events)[:, chosen]),
        lambda means: covariances(means)[..., first, second],
        tuple((100 * (first + 1) + second + 1).tolist()),
        correlated=True,
        member=lambda index: f"{symbol}({_common(index // 100)}, {_common(index % 100)})",
    )


def conserved_sum(total: str) -> Observable:
    """Declare mean and standard deviation over events of a sum over all particles, one of TOTALS."""
    column = TOTALS.index(total)
    name, symbol = SUMS[total]
    return of_events(
        f"sum_{name}",
        symbol,
        f"mean (index 1) and standard deviation (index 2) over events of the sum of {total} over all particles",
        *_through_cumulants(
            lambda events: rounded_totals(events)[:, column],
            lambda orders: sum_spread(orders[..., 0, :]),
        ),
        (1, 2),
        unit="1" if total in CHARGE_NAMES else "GeV",
        member=mean_and_deviation(symbol),
    )


def net_charge_cumulants(charge: str, suffix: str) -> Observable:
    """Declare C_1 ... C_4 of a net charge, one of CHARGE_NAMES, in the window WINDOWS[suffix]."""
    column, acceptance = CHARGE_NAMES.index(charge), WINDOWS[suffix]
    return of_events(
        f"net_{SUMS[charge][0]}{suffix}",
        f"C_n({charge}){acceptance.symbol}",
        f"cumulants of net {charge} at {acceptance.words}; index n",
        *_through_cumulants(
            lambda events: net_charges(events, acceptance.window)[:, column],
            lambda orders: orders[..., 0, :],
        ),
        tuple(range(1, ORDER + 1)),
        correlated=True,
    )


def spectrum(axis: str, pdg: int) -> Observable:
    """Declare dN/dy in bins of RAPIDITY_EDGES, or dN/dpT at all rapidities in bins of PT_EDGES, of a common species."""
    density, edges, name, quantity, shown, of_axis, unit = {
        "rapidity": (rapidity_density, RAPIDITY_EDGES, "dN/dy", "dN/dy", "y", "", "1"),
        "pt": (pt_density, PT_EDGES, "dN/dpT", "dN/dp_T", "p_T", r"\,\mathrm{GeV}", "1/GeV"),
    }[axis]
    window = Window(pdg=(pdg,))
    return of_events(
        f"{axis}_{NAMES[pdg]}",
        f"{quantity}({species_symbol(pdg)})",
        f"{name} of {species_of(pdg).name} in the bin about {shown}; its index is the number of the bin, from 1",
        lambda events: density(events, edges, window),
        lambda means: means,
        tuple(range(1, len(edges))),
        correlated=True,
        unit=unit,
        member=lambda number: (
            f"{quantity}({species_symbol(pdg)}),\\,{shown}={bin_centre(edges, number)}{of_axis}"
        ),
    )


def mean_and_deviation(symbol: str) -> Callable[[int], str]:
    """Return the LaTeX of mean (index 1) and standard deviation (index 2) over events."""
    return lambda index: rf"\langle {symbol}\rangle" if index == 1 else rf"\sigma({symbol})"


def bin_centre(edges: np.ndarray, number: int) -> str:
    """Return the centre of the bin `number`, counted from 1, where there is one."""
    return f"{edges[number - 1 : number + 1].mean():.3g}"


def _common(number: int) -> str:
    """Return the symbol of a common species by its number, from 1."""
    return species_symbol(COMMON[(number - 1) % len(COMMON)])


def species_symbol(pdg: int) -> str:
    """Return the LaTeX symbol of a species; the neutron is set upright because a plain n is the index."""
    return re.sub(r"^n$", r"\\mathrm{n}", species_of(pdg).symbol).replace(r"\overline", r"\bar")
