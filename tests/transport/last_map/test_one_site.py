"""The one-site map: cumulants become those of the training fields, the mean square stays; inverse and Jacobian."""

import math

import numpy as np
import pytest
import torch

from emulant.statistics.cumulants import symmetric_cumulants
from emulant.transport.last_map import one_site
from emulant.transport.last_map.one_site import STEEPEST, OneSiteMap

SIDE, COUNT = 4, 40000


def fields(seed, bend, count=COUNT):
    """Two phases with unit noise on every site, bent by x + bend x^3 and brought back to the mean square of before."""
    generator = torch.Generator().manual_seed(seed)
    zero = (torch.randint(0, 2, (count, 1, 1), generator=generator) * 2 - 1) * 1.0
    zero = zero + 0.5 * torch.randn(count, 1, 1, generator=generator)
    x = zero + torch.randn(count, SIDE, SIDE, generator=generator)
    return (x + bend * x**3) * math.sqrt(2.25 / ratio(bend))


def unknown(count):
    """Controls of fields of which nothing is known: none."""
    return torch.zeros(count, 0, dtype=torch.float64)


def ratio(bend):
    """<(x + bend x^3)^2> of x = +-1 + Gaussian of variance 5/4: moments 2.25, 13.1875, 119.359375."""
    return 2.25 + 2 * bend * 13.1875 + bend**2 * 119.359375


def pulls(one, two):
    """Differences of kappa_4/kappa_2^2, kappa_6/kappa_2^3 and kappa_8/kappa_2^4 over their errors, by blocks."""
    values, variances = [], []
    for sample in (one, two):
        blocks = torch.stack(
            [torch.stack([part.double().pow(n).mean() for n in (2, 4, 6, 8)]) for part in sample.chunk(50)]
        ).numpy()
        total = blocks.mean(0)
        replicas = [ratios((total * 50 - block) / 49) for block in blocks]
        values.append(ratios(total))
        variances.append(torch.from_numpy(np.array(replicas)).var(0, correction=0) * 49)
    return (torch.from_numpy(values[0] - values[1]) / (variances[0] + variances[1]).sqrt()).abs()


def ratios(moments):
    """Scale-free ratios of cumulants."""
    kappa = symmetric_cumulants(moments)
    return kappa[1:] / kappa[0] ** np.array([2, 3, 4])


@pytest.fixture(scope="module")
def mapped():
    """Training fields, and generated ones that the map was not measured on, before and after it."""
    trained = fields(1, -0.003)
    last = OneSiteMap.measure(trained, fields(2, 0.0), unknown(COUNT))
    before = fields(3, 0.0)
    return last, trained, before, last(before)


def test_cumulant_ratios_become_those_of_the_training_fields(mapped):
    """Errors of both samples and the map, of the same size: three numbers below 4.1, 1e-4; before, ten errors and more."""
    _, trained, before, after = mapped
    assert float(pulls(before, trained).max()) > 10
    assert float(pulls(after, trained).max()) < 4.1 * math.sqrt(1.5)


def test_the_mean_square_stays(mapped):
    """To first order in a map of 1e-2: the change is a few hundredths of that of <x^4>."""
    *_, before, after = mapped
    change = [float(after.double().pow(n).mean() / before.double().pow(n).mean() - 1) for n in (2, 4)]
    assert abs(change[0]) < 0.05 * abs(change[1])


def test_fluctuations_of_the_whole_field_are_no_reason_to_bend_it(monkeypatch):
    """Twelve times 500 fields of the law itself: no map for most, by chance a third of what moments one by one ask for."""
    trained, x = fields(1, 0.0, 8000), torch.linspace(0, 2.5, 50, dtype=torch.float64)[:, None, None]
    jointly = one_site._fitted

    def maps():
        return [OneSiteMap.measure(trained, fields(100 + n, 0.0, 500), unknown(500)) for n in range(12)]

    weighed = maps()
    monkeypatch.setattr(
        one_site,
        "_fitted",
        lambda columns, lacks, covariance: jointly(columns, lacks, covariance.diagonal().diag()),
    )
    assert sum(not one.coefficients.any() for one in weighed) >= 6
    assert moved(weighed, x) < 0.5 * moved(maps(), x)


def moved(maps, x):
    """Root mean square of what maps do to values."""
    return float(torch.stack([one(x) - x for one in maps]).square().mean().sqrt())


def test_the_inverse_and_its_jacobian_are_those_of_the_map(mapped):
    last, _, before, _ = mapped
    back, jacobian = last.inverse(last(before[:3].double()))
    torch.testing.assert_close(back, before[:3].double(), atol=1e-10, rtol=1e-10)
    for field, expected in zip(back, jacobian, strict=True):
        matrix = torch.autograd.functional.jacobian(
            lambda flat: last(flat.reshape(1, SIDE, SIDE)).flatten(), field.flatten()
        )
        assert float(torch.linalg.slogdet(matrix).logabsdet - expected) == pytest.approx(0.0, abs=1e-8)


def test_it_stays_one_to_one_where_the_generated_fields_are_far_off():
    """Training fields of +-1 and Gaussian ones: the slope stays above 1 - STEEPEST, beyond the fields it is 1."""
    trained = torch.sign(fields(6, 0.0, 4000)) + 0.01 * fields(7, 0.0, 4000)
    last = OneSiteMap.measure(trained, fields(8, 0.0, 4000), unknown(4000))
    x = torch.linspace(-8, 8, 4001, dtype=torch.float64)[:, None, None]
    slope = last(x).flatten().diff() / x.flatten().diff()
    assert float(slope.min()) > 1 - STEEPEST - 0.01
    assert float(slope[-10:].sub(1).abs().max()) < 1e-9
