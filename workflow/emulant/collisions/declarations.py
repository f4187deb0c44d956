"""The kinds of observables that events have: each a function of means over events."""

from collections.abc import Callable

import numpy as np

from emulant.collisions.acceptance import COMMON, MIDRAPIDITY, PT_EDGES, RAPIDITY_EDGES, SHOWN, places
from emulant.collisions.conserved import CHARGE_NAMES, TOTALS, net_charges, rounded_totals, sum_spread
from emulant.collisions.counts import ORDER, cumulants_of, powers, shape_of, species_counts
from emulant.collisions.events import Events
from emulant.collisions.spectra import pt_density, rapidity_density
from emulant.collisions.windows import Window
from emulant.observables import Observable

__all__ = [
    "conserved_sum",
    "count_correlation",
    "count_shape",
    "net_charge_cumulants",
    "of_events",
    "spectrum",
]


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


def _of_cumulants(
    name: str,
    symbol: str,
    description: str,
    numbers: Callable[[Events], np.ndarray],
    value: Callable[[np.ndarray], np.ndarray],
    indices: tuple[int, ...],
    **more: bool | str,
) -> Observable:
    """An observable whose value needs C_1 ... C_4, (..., columns, 4), of numbers (N,) or (N, columns) of events alone."""
    return of_events(
        name,
        symbol,
        description,
        lambda events: powers(numbers(events)),
        lambda means: value(cumulants_of(means)),
        indices,
        **more,
    )


def count_shape(name: str, symbol: str, description: str, column: int) -> Observable:
    """Mean (0), variance (1), skewness (2) or excess kurtosis (3) of the number of each common species."""
    chosen = places(COMMON)
    return _of_cumulants(
        name,
        symbol,
        f"{description} of the number of particles of a species in an event; index n, its PDG number",
        lambda events: species_counts(events)[:, chosen],
        lambda found: shape_of(found)[..., column],
        COMMON,
        correlated=column == 0,
    )


def count_correlation(name: str, symbol: str, one: int, other: int) -> Observable:
    """Pearson correlation of the numbers of two species in an event."""
    pair = places((one, other))

    def value(means: np.ndarray) -> np.ndarray:
        a, b, aa, bb, ab = np.moveaxis(means, -1, 0)
        return ((ab - a * b) / np.sqrt((aa - a**2) * (bb - b**2)))[..., None]

    def primaries(events: Events) -> np.ndarray:
        a, b = species_counts(events)[:, pair].T
        return np.column_stack([a, b, a * a, b * b, a * b])

    return of_events(
        name, symbol, f"correlation of the numbers of {one} and {other}", primaries, value, integrated=True
    )


def conserved_sum(name: str, symbol: str, total: str) -> Observable:
    """Mean and standard deviation over events of a sum over all particles, one of TOTALS."""
    column = TOTALS.index(total)
    return _of_cumulants(
        name,
        symbol,
        f"mean (index 1) and standard deviation (index 2) over events of the sum of {total} over all particles",
        lambda events: rounded_totals(events)[:, column],
        lambda found: sum_spread(found[..., 0, :]),
        (1, 2),
        unit="1" if total in CHARGE_NAMES else "GeV",
    )


def net_charge_cumulants(name: str, symbol: str, charge: str) -> Observable:
    """C_1 ... C_4 of a net charge at |y| < 0.5."""
    column = CHARGE_NAMES.index(charge)
    return _of_cumulants(
        name,
        symbol,
        f"cumulants of net {charge} at |y| < 0.5; index n",
        lambda events: net_charges(events, MIDRAPIDITY)[:, column],
        lambda found: found[..., 0, :],
        tuple(range(1, ORDER + 1)),
        correlated=True,
    )


def spectrum(axis: str, species: str, symbol: str) -> Observable:
    """dN/dy in bins of RAPIDITY_EDGES, or dN/dpT of all rapidities in bins of PT_EDGES."""
    density, edges, name, unit = {
        "rapidity": (rapidity_density, RAPIDITY_EDGES, "dN/dy", "1"),
        "pt": (pt_density, PT_EDGES, "dN/dpT", "1/GeV"),
    }[axis]
    window = Window(pdg=(SHOWN[species],))
    return of_events(
        f"{axis}_{species}",
        symbol,
        f"{name} of {SHOWN[species]}; index n, the number of the bin",
        lambda events: density(events, edges, window),
        lambda means: means,
        tuple(range(1, len(edges))),
        correlated=True,
        unit=unit,
    )
