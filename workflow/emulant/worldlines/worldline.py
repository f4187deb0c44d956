"""Bose gas without a sign problem: its flux representation sampled by worms, exact in any dimension."""

from dataclasses import dataclass

import numpy as np

from emulant.errors import InputError
from emulant.randomness.streams import seeded
from emulant.statistics.autocorrelation import SHORTEST_CHAIN, gamma_error
from emulant.worldlines.action import BoseGas, Number, Observables
from emulant.worldlines.weights import site_ratios
from emulant.worldlines.worm import advance

__all__ = ["Worldlines", "worldline"]

# Entries of the table of weights, 128 kB: up to 2 * 16384 units of flux at a site, whose mean grows as 1 / coupling.
TABLE = 1 << 14


@dataclass(frozen=True)
class Worldlines:
    """Results of a worldline run.

    Attributes:
        observables: density, |phi|^2, |phi|^4, each a `Number` (errors by the Gamma method).
        tau_int: integrated autocorrelation times in sweeps, 0.5 where sweeps are independent.
        series: measurements of each sweep, (chains, sweeps, 3).
        flux: conserved flux k of each bond at the end, (chains, d, *shape).
        neutral: l of each bond at the end, (chains, d, *shape).
    """

    observables: Observables
    tau_int: Observables
    series: np.ndarray
    flux: np.ndarray
    neutral: np.ndarray


def worldline(
    gas: BoseGas,
    chains: int = 16,
    sweeps: int = 1000,
    thermalisation: int = 200,
    seed: int = 0,
    worms: int | None = None,
) -> Worldlines:
    """Sample the flux representation.

    Arguments:
        gas: in any dimension, at any mu.
        chains: number of independent chains, each from the empty lattice.
        sweeps: measurements of each chain.
        thermalisation: sweeps before the first measurement.
        seed: of all random numbers.
        worms: number in a sweep, by default that of the sites.

    Raises:
        InputError: if a count is too small to sample or to estimate an error.
        RuntimeError: if a site holds more flux than its table of weights.
    """
    worms = gas.volume if worms is None else worms
    for name, value, least in (
        ("chains", chains, 1),
        ("sweeps", sweeps, SHORTEST_CHAIN),
        ("thermalisation", thermalisation, 0),
        ("worms", worms, 1),
    ):
        if value < least:
            raise InputError("worldline", name, f"at least {least}", value)
    ratio = site_ratios(gas.eta, gas.coupling, TABLE)
    flux, neutral = np.zeros((2, chains, gas.dimension, gas.volume), np.int64)
    occupation, series = np.zeros((chains, gas.volume), np.int64), np.empty((chains, sweeps, 3))
    streams = seeded(np.random.SeedSequence(seed), chains)
    levels = advance(
        *(flux, neutral, occupation, ratio, *gas.neighbours, gas.hops[0], streams),
        *(worms, thermalisation, series),
    )
    if levels.max() >= TABLE:
        raise RuntimeError(f"a site wants more than {2 * TABLE} units of flux: the coupling is too small")
    bonds = (chains, gas.dimension, *gas.shape)
    return Worldlines(*_estimates(series, gas), series, flux.reshape(bonds), neutral.reshape(bonds))


def _estimates(series: np.ndarray, gas: BoseGas) -> tuple[Observables, Observables]:
    """Compute observables and integrated autocorrelation times from series (chains, sweeps, 3)."""
    estimate = gamma_error(list(series), lambda means: means)
    errors = estimate.error.copy()
    if np.ptp(series[..., 0]) == 0:
        # If the charge never changed, its error is estimated as one unit of charge in one of the sweeps.
        errors[0] = gas.extent / gas.volume / series[..., 0].size
    numbers = [Number(float(v), float(e)) for v, e in zip(estimate.value, errors, strict=True)]
    return Observables(*numbers), Observables(*map(float, estimate.tau_int))
