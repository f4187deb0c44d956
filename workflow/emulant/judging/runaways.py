r"""Errors of a model that few of its samples make large: held against the tails of the reference.

One sample that ran away moves a mean and its jackknife error alike, so its pull stays near 1 however far it ran. Where
model and reference have one law, so have the averages over their jackknife blocks, and with it the ratio of their
standard deviation to half the distance of their 16th and 84th percentiles, which few blocks cannot move.
"""

from collections.abc import Mapping

import numpy as np

from emulant.contracts.source import REFERENCE, Source
from emulant.judging.samples import Jackknife

__all__ = ["limited_errors", "runaways"]

MARGIN = 3.0
"""Tails of right models may be so much heavier than the square of the reference's: in 400 pairs of 4096 and 2048 Gaussian
numbers one in 100 is heavier for the mean of x^8, none for x^4, and then by less than what would fail it."""
OUTER = (0.16, 0.84)


def limited_errors(jackknife: Jackknife, source: Source) -> dict[str, dict[int, float]]:
    """Compute the factor, at most 1, by which tests multiply a source's own error: observable -> index -> factor.

    It makes the tail of the source's blocks at most MARGIN times the square of the reference's. Only samples as a model
    generates them have one law with the reference and independent blocks; for others there are no factors.
    """
    if not source.raw or source == REFERENCE:
        return {}
    return {
        name: factors
        for name, samples in jackknife.get(source, {}).items()
        if (factors := _factors(samples, jackknife.get(REFERENCE, {}).get(name)))
    }


def runaways(jackknife: Jackknife) -> dict[Source, list[str]]:
    """Source -> observables that few of its samples dominate."""
    limited = {source: [*limited_errors(jackknife, source)] for source in jackknife}
    return {source: names for source, names in limited.items() if names}


def _factors(
    samples: tuple[tuple[int, ...], np.ndarray], reference: tuple[tuple[int, ...], np.ndarray] | None
) -> dict[int, float]:
    """Return the factors below 1 of one observable's indices."""
    if reference is None:
        return {}
    tails, tails_of_reference = _tails(samples), _tails(reference)
    factors = {
        index: MARGIN * max(tails_of_reference[index], 1.0) ** 2 / tail
        for index, tail in tails.items()
        if index in tails_of_reference
    }
    return {index: factor for index, factor in factors.items() if factor < 1}


def _tails(samples: tuple[tuple[int, ...], np.ndarray]) -> Mapping[int, float]:
    """Standard deviation over robust spread of jackknife samples by index, where both are finite and not zero."""
    indices, replicas = samples
    # Whole samples at the percentiles: of counts that are mostly zero, an interpolated one may be any small number.
    low = np.quantile(replicas, OUTER[0], axis=0, method="lower")
    high = np.quantile(replicas, OUTER[1], axis=0, method="higher")
    spreads, deviations = (high - low) / 2, replicas.std(axis=0)
    return {
        index: deviation / spread
        for index, deviation, spread in zip(indices, deviations, spreads, strict=True)
        if spread > 0 and np.isfinite(deviation)
    }
