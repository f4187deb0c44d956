"""The Bose gas without a sign problem: its flux representation sampled by worms, exact in any dimension."""

from dataclasses import dataclass

import numpy as np

from emulant.errors import InputError
from emulant.langevin.bose_gas.action import BoseGas, Number, Observables
from emulant.langevin.bose_gas.weights import site_ratios
from emulant.langevin.bose_gas.worm import advance
from emulant.lattice.streams import seeded
from emulant.statistics.autocorrelation import SHORTEST_CHAIN, gamma_error

__all__ = ["Worldlines", "worldline"]

TABLE = 1 << 14


@dataclass(frozen=True)
class Worldlines:
    """What a worldline run found.

    Attributes:
        observables: density, |phi|^2, |phi|^4, each a `Number` (errors by the Gamma method).
        tau_int: integrated autocorrelation times in sweeps, 0.5 where sweeps are independent.
        series: what each sweep measured, (chains, sweeps, 3).
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
        chains: independent chains, each from the empty lattice.
        sweeps: measurements of each chain.
        thermalisation: sweeps thrown away first.
        seed: of all random numbers.
        worms: of a sweep; as many as there are sites, if not given.

    Raises:
        InputError: where a count is too small to sample or to tell an error.
        RuntimeError: where a site holds more flux than its table of weights.
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
    asked = advance(
        *(flux, neutral, occupation, ratio, *gas.neighbours, gas.hops[0], streams),
        *(worms, thermalisation, series),
    )
    if asked.max() >= TABLE:
        raise RuntimeError(f"a site wants more than {2 * TABLE} units of flux: the coupling is too small")
    bonds = (chains, gas.dimension, *gas.shape)
    return Worldlines(*_estimates(series, gas), series, flux.reshape(bonds), neutral.reshape(bonds))


def _estimates(series: np.ndarray, gas: BoseGas) -> tuple[Observables, Observables]:
    found = gamma_error(list(series), lambda means: means)
    errors = found.error.copy()
    if np.ptp(series[..., 0]) == 0:
        # A charge that never moved is known no better than one unit of charge in one of the sweeps.
        errors[0] = gas.extent / gas.volume / series[..., 0].size
    numbers = [Number(float(v), float(e)) for v, e in zip(found.value, errors, strict=True)]
    return Observables(*numbers), Observables(*map(float, found.tau_int))
