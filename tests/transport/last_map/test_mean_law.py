"""The map of M by quantiles: its law becomes that of the training fields; inverse, slope, limits."""

import math

import numpy as np
import pytest
import torch
from numpy.polynomial import legendre as polynomials

from emulant.transport.last_map.legendre import legendre
from emulant.transport.last_map.mean_law import LOWEST, TERMS, MeanLaw
from emulant.transport.measures import ModeMeasure
from emulant.transport.order_parameter import SymmetricMixture

SHAPE, COUNT = (4, 4), 30000
TWO_PHASES = SymmetricMixture(torch.tensor([1.0, 4.0]), torch.tensor([0.4, 0.6]), 1.2)


def base(zero_mode=TWO_PHASES):
    return ModeMeasure(torch.full((4, 3), 2.0, dtype=torch.float64), SHAPE, zero_mode)


def means(seed, law, count=COUNT):
    """M of a base measure."""
    y = torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (law.zero_mode.from_latent(y, 0.0) if law.zero_mode else y * math.sqrt(2.0)) / 4


def unknown(count):
    return torch.zeros(count, 0, dtype=torch.float64)


def bent(mean):
    """Another law: the same M, wider by as much as it is small."""
    return mean * (1 + 0.15 * torch.exp(-2 * mean.square()))


def test_legendre_polynomials_are_those_of_numpy():
    x = torch.linspace(-1, 1, 41, dtype=torch.float64)
    values, slopes = legendre(x, TERMS)
    for k in range(TERMS + 1):
        series = polynomials.Legendre.basis(k)
        np.testing.assert_allclose(values[:, k], series(x.numpy()), atol=1e-12)
        np.testing.assert_allclose(slopes[:, k], series.deriv()(x.numpy()), atol=1e-10)


@pytest.mark.parametrize("zero_mode", [TWO_PHASES, None])
def test_the_law_becomes_that_of_the_training_fields(zero_mode):
    """|M|, M^2, M^4 of fields that the map was not measured on, sqrt(1.5) of 4.1 errors: 1e-4; before, more than that."""
    law = base(zero_mode)
    trained, other = bent(means(1, law)), means(3, law)
    last = MeanLaw.measure(law, trained, means(2, law), unknown(COUNT))
    pulls = []
    for generated in (other, last(other)):
        pairs = [(generated.abs() ** n, trained.abs() ** n) for n in (1, 2, 4)]
        pulls.append(
            max(abs(float((a.mean() - b.mean()) / ((a.var() + b.var()) / COUNT).sqrt())) for a, b in pairs)
        )
    assert pulls[0] > 6
    assert pulls[1] < 4.1 * math.sqrt(1.5)


def test_the_right_law_is_left_alone():
    """Eight times 2000 fields of the law itself: Akaike's criterion takes no term in two thirds, at least half here."""
    law = base()
    trained, others = means(1, law), [means(50 + seed, law, 2000) for seed in range(8)]
    maps = [MeanLaw.measure(law, trained, other, unknown(2000)) for other in others]
    assert sum(not one.coefficients.any() for one in maps) >= 4


@pytest.mark.parametrize("zero_mode", [TWO_PHASES, None])
def test_the_inverse_and_its_slope_are_those_of_the_map(zero_mode):
    """Far into the tails, where 1 - u is 1e-12, and around zero."""
    coefficients = torch.zeros(TERMS, dtype=torch.float64)
    coefficients[:5] = torch.tensor([0.1, -0.15, 0.05, 0.2, -0.1])
    last, mean = MeanLaw(base(zero_mode), coefficients), torch.linspace(-2.6, 2.6, 200, dtype=torch.float64)
    mapped = last(mean)
    back, slope = last.inverse(mapped)
    torch.testing.assert_close(back, mean, atol=1e-8, rtol=1e-8)
    step = 1e-4
    torch.testing.assert_close(
        slope, ((last(mean + step) - last(mean - step)) / (2 * step)).log(), atol=1e-4, rtol=0
    )
    torch.testing.assert_close(last(-mean), -mapped)
    assert bool(last(torch.tensor([0.0, 1e3], dtype=torch.float64)).isfinite().all())


def test_it_stays_one_to_one_where_the_generated_fields_are_far_off():
    """Fields of a third of the width: few terms or less of the first, with a slope in u of LOWEST at least."""
    law = base()
    last = MeanLaw.measure(law, means(1, law), 0.3 * means(2, law), unknown(COUNT))
    x = torch.linspace(-1, 1, 1001, dtype=torch.float64)
    assert float((1 + legendre(x, TERMS)[0][:, 1:] @ last.coefficients).min()) >= LOWEST - 1e-9
    assert last.coefficients.any()
