"""Complex Langevin of the Bose gas, with diagnostics of its correctness."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from emulant.errors import InputError
from emulant.randomness.streams import seeded
from emulant.systems.bose_gas.steps import BIN_OFFSET, BIN_SHARE, BINS, WIDTH, advance
from emulant.worldlines.action import BoseGas, Number, Observables

__all__ = ["LangevinRun", "extrapolated", "langevin", "tail_exponent"]

# Between the exponents of wrong runs, 1 to 2, and that of an exponential tail, 8; see `tail_exponent`.
STEEP = 6.0
# Last shares of Langevin time between which the tail's exponent is taken: rare drifts, but visited by many walkers.
TAIL = (1e-3, 1e-4)
# Steps in units of 1 / rate. Errors grow as the square: those of COARSE are six times those of DEFAULT, which leaves the
# density near threshold 3(1) % low.
COARSE = 0.25
DEFAULT = 0.1
# A walker is a runaway if its adaptive steps are on average 30 times shorter than the largest step.
PATIENCE = 30


@dataclass(frozen=True)
class LangevinRun:
    """Results of a complex Langevin run.

    Attributes:
        real: real parts of density, |phi|^2, |phi|^4, each a `Number`: averages over Langevin time without runaways, errors
            from the spread of the independent walkers. NaN where fewer than two walkers survive.
        imaginary: the imaginary parts, 0 within errors in a correct run.
        walkers: number of walkers at the start.
        runaways: number of walkers that diverged, or whose steps became too small to reach the end.
        step: the largest step.
        coarseness: the step times the fastest free relaxation rate, `BoseGas.rate`; errors grow as its square.
        mean_step: the mean step.
        drift: lower edges of bins of max_x |K_x|, (bins,).
        histogram: share of Langevin time in each bin, (bins,).
        tail: exponent of the drift's tail, `tail_exponent`.
        averages: of each surviving walker, (survivors, 3) complex.
        fields: of each surviving walker at the end of each record, Re phi_1, Im phi_1, Re phi_2, Im phi_2,
            (survivors, records, 4, *shape).
    """

    real: Observables
    imaginary: Observables
    walkers: int
    runaways: int
    step: float
    coarseness: float
    mean_step: float
    drift: np.ndarray
    histogram: np.ndarray
    tail: float
    averages: np.ndarray
    fields: np.ndarray

    @property
    def trusted(self) -> bool:
        """Tell whether no walker ran away, the drift's tail exponent exceeds STEEP, and steps are at most COARSE."""
        return self.runaways == 0 and self.tail > STEEP and self.coarseness <= COARSE


def langevin(
    gas: BoseGas,
    walkers: int = 128,
    time: float = 100.0,
    thermalisation: float = 20.0,
    step: float | None = None,
    seed: int = 0,
    *,
    adaptive: bool = True,
    records: int = 1,
) -> LangevinRun:
    """Run independent walkers of complex Langevin, each over the same Langevin time.

    Arguments:
        gas: in any dimension.
        walkers: number of walkers, from small real fields.
        time: Langevin time of each walker that is averaged.
        thermalisation: Langevin time before that; the median drift of its first half sets the scale of the adaptive step.
        step: largest step, 0.1 / `gas.rate` by default; errors are of order step^2, `extrapolated` removes them.
        seed: of all random numbers.
        adaptive: whether the step shrinks where the drift is large.
        records: parts of the time, at the end of each of which the fields are kept.

    Raises:
        InputError: if an argument is out of range.
    """
    step = DEFAULT / gas.rate if step is None else step
    _check(walkers, time, thermalisation, step, records)
    walk = _Walk(gas, walkers, step, np.random.SeedSequence(seed))
    reference = math.sqrt(8 * gas.eta) if adaptive else math.inf
    _, histogram, _ = walk.run(thermalisation / 2, reference)
    if adaptive and histogram.any():
        reference = _quantile(histogram, 0.5)
    walk.run(thermalisation / 2, reference)
    parts = [walk.recorded(time / records, reference) for _ in range(records)]
    return walk.result(parts, time)


def extrapolated(coarse: LangevinRun, fine: LangevinRun) -> Observables:
    """Extrapolate real parts to step zero from runs with steps h and h/2: (4 fine - coarse) / 3, errors independent.

    Raises:
        InputError: if the steps are not in the ratio 2.
    """
    if not math.isclose(coarse.step, 2 * fine.step, rel_tol=1e-9):
        raise InputError("extrapolated", "step", "one half of the coarse run's", (coarse.step, fine.step))
    pairs = zip(coarse.real, fine.real, strict=True)
    return Observables(
        *(Number((4 * f.value - c.value) / 3, math.hypot(4 * f.error, c.error) / 3) for c, f in pairs)
    )


def tail_exponent(histogram: np.ndarray) -> float:
    """Estimate the power by which the drift's tail falls, from the last 1e-3 of Langevin time to its last 1e-4.

    A correct limit needs an exponential or faster tail; a power law indicates boundary terms (K. Nagata, J. Nishimura and
    S. Shimasaki, Phys. Rev. D 94 (2016) 114515 [1606.07627]). In this range an exponential tail has the exponent 8; runs
    that agree with exact results have 11 and more, runs that do not have 1 to 2.

    Arguments:
        histogram: Langevin time in bins of the drift's logarithm.

    Returns:
        -d ln P(drift > u) / d ln u between the two quantiles; NaN for an empty histogram.
    """
    if not histogram.any():
        return math.nan
    near, far = (_quantile(histogram, 1 - share) for share in TAIL)
    return math.log(TAIL[0] / TAIL[1]) / math.log(far / near)


class _Record(NamedTuple):
    """A part of a run, of all walkers: time integrals, histogram of the drift, number of steps, fields at the end."""

    integrals: np.ndarray
    histogram: np.ndarray
    taken: int
    fields: np.ndarray


class _Walk:
    """State of all walkers in the layout of the kernel."""

    def __init__(self, gas: BoseGas, walkers: int, step: float, sequence: np.random.SeedSequence) -> None:
        self.gas, self.walkers, self.step = gas, walkers, float(step)
        blocks = -(-walkers // WIDTH)
        start, noise = sequence.spawn(2)
        self.streams = seeded(noise, blocks)
        # phi_1, phi_2 real: psi starts as the conjugate of phi.
        real = np.random.default_rng(start).normal(
            0, 0.5 / math.sqrt(gas.eta), (blocks, gas.volume, 2, WIDTH)
        )
        self.fields = np.ascontiguousarray(
            np.stack([real[:, :, 0], real[:, :, 1], real[:, :, 0], -real[:, :, 1]], axis=2)
        ).reshape(blocks, gas.volume, 4 * WIDTH)
        self.alive = np.arange(blocks * WIDTH).reshape(blocks, WIDTH) < walkers

    def recorded(self, time: float, reference: float) -> _Record:
        """Advance by `time`; return what of it is kept."""
        integrals, histogram, taken = self.run(time, reference)
        return _Record(integrals, histogram, taken, self._components())

    def run(self, time: float, reference: float) -> tuple[np.ndarray, np.ndarray, int]:
        """Advance by `time`; return time integrals (blocks, WIDTH, 6), histogram of the drift (BINS,), number of steps."""
        blocks = len(self.fields)
        integrals, histogram = np.zeros((blocks, 6, WIDTH)), np.zeros((blocks, BINS))
        taken = np.zeros((blocks, WIDTH), np.int64)
        patience = math.ceil(PATIENCE * time / self.step) + 100
        advance(
            *(self.fields, self.streams, float(time), self.step, float(reference), patience),
            *(self.gas.eta, float(self.gas.coupling), *self.gas.neighbours, *self.gas.hops),
            *(self.alive, integrals, histogram, taken),
        )
        return integrals.transpose(0, 2, 1), histogram.sum(axis=0), int(taken.sum())

    def result(self, parts: list[_Record], time: float) -> LangevinRun:
        """Collect the averaged part, of walkers that survived it."""
        means = sum(part.integrals for part in parts)[self.alive] / time
        histogram, taken = sum(part.histogram for part in parts), sum(part.taken for part in parts)
        averages = means[:, ::2] + 1j * means[:, 1::2]
        edges = 2.0 ** ((np.arange(BINS) - BIN_OFFSET) / BIN_SHARE)
        return LangevinRun(
            real=_numbers(averages.real),
            imaginary=_numbers(averages.imag),
            walkers=self.walkers,
            runaways=self.walkers - len(averages),
            step=self.step,
            coarseness=self.step * self.gas.rate,
            mean_step=float(histogram.sum() / taken) if taken else math.nan,
            drift=edges,
            histogram=histogram / max(histogram.sum(), 1e-300),
            tail=tail_exponent(histogram),
            averages=averages,
            fields=np.stack([part.fields[self.alive] for part in parts], axis=1),
        )

    def _components(self) -> np.ndarray:
        """Compute phi_1 and phi_2 of all walkers, (blocks, WIDTH, 4, *shape)."""
        rows = self.fields.reshape(len(self.fields), self.gas.volume, 4, WIDTH)
        a, b, c, d = rows.transpose(2, 0, 3, 1) / math.sqrt(2)
        # phi_1 = (phi + psi) / sqrt 2, phi_2 = (phi - psi) / (i sqrt 2).
        parts = np.stack([a + c, b + d, b - d, c - a], axis=2)
        return parts.reshape(len(rows), WIDTH, 4, *self.gas.shape)


def _numbers(samples: np.ndarray) -> Observables:
    """Compute mean and standard error of each column of independent samples (n, 3)."""
    if len(samples) < 2:
        return Observables(*[Number(math.nan, math.nan)] * 3)
    errors = samples.std(axis=0, ddof=1) / math.sqrt(len(samples))
    return Observables(*map(Number, samples.mean(axis=0).tolist(), errors.tolist()))


def _quantile(histogram: np.ndarray, share: float) -> float:
    """Compute the drift below which a walker spends this share of its time, linear within a bin of the logarithm."""
    cumulative = np.concatenate([[0.0], np.cumsum(histogram)]) / histogram.sum()
    # Equal entries are empty bins; the next Langevin time is in the bin after the last of them.
    bin_below = np.searchsorted(cumulative, share, side="right") - 1
    bin_below = min(bin_below, BINS - 1)
    width = cumulative[bin_below + 1] - cumulative[bin_below]
    within = (share - cumulative[bin_below]) / width if width > 0 else 0.0
    return 2.0 ** ((bin_below + within - BIN_OFFSET) / BIN_SHARE)


def _check(walkers: int, time: float, thermalisation: float, step: float, records: int) -> None:
    for name, count, least in (("walkers", walkers, 2), ("records", records, 1)):
        if count < least:
            raise InputError("langevin", name, f"at least {least}", count)
    for name, value in (("time", time), ("thermalisation", thermalisation), ("step", step)):
        if not (math.isfinite(value) and value > 0):
            raise InputError("langevin", name, "a finite number > 0", value)
