"""The last map of the long waves: laws of the zero mode and of waves given it, and its Jacobian."""

import math

import pytest
import torch

from emulant.transport.closing import Closing
from emulant.transport.measures import ModeMeasure

SIDE, COUNT = 4, 40000


def waves(seed, spread, slope):
    """Fields on 4 x 4: a zero mode of two Gaussians, waves of power (1 + slope m^2)/(1 + k^2) given it."""
    generator = torch.Generator().manual_seed(seed)
    sign = torch.randint(0, 2, (COUNT,), generator=generator) * 2 - 1
    zero = 2.0 * sign + spread * torch.randn(COUNT, generator=generator)
    power = 1 / (1 + sum(torch.meshgrid(*[torch.fft.fftfreq(SIDE, 1 / SIDE).square()] * 2, indexing="ij")))
    modes = torch.fft.fft2(torch.randn(COUNT, SIDE, SIDE, generator=generator), norm="ortho") * power.sqrt()
    modes = modes * (1 + slope * zero.square()).sqrt()[:, None, None]
    modes[:, 0, 0] = zero.to(modes.dtype)
    return torch.fft.ifft2(modes, norm="ortho").real


@pytest.fixture(scope="module")
def closed():
    """Training fields, and generated ones of another law before the map and after it, that were not measured."""
    trained = waves(1, 1.0, 0.1)
    measure = ModeMeasure.fit(trained)
    closing = Closing.measure(measure, trained, waves(2, 0.8, 0.0))
    other = waves(3, 0.8, 0.0)
    return measure, closing, trained, other, closing(measure, other)


def longest(measure, fields, part):
    """Mean power of the longest waves where |m| is small (0) or large (1), and its error."""
    chosen = (measure.zero_mode_of(fields).abs() > 2.0) == bool(part)
    modes = measure.transform(fields)[chosen]
    power = (modes[:, 0, 1].abs() ** 2 + modes[:, 1, 0].abs() ** 2) / 2
    return float(power.mean()), float(power.std() / math.sqrt(len(power)))


def test_the_zero_mode_and_the_waves_given_it_become_those_of_the_training_fields(closed):
    """Errors of both samples and of the map, of the same size: 4 numbers below 4.4, 5e-5; before, 20 errors and more."""
    measure, _, trained, before, after = closed
    for part in (0, 1):
        (value, error), (wanted, of_wanted) = longest(measure, after, part), longest(measure, trained, part)
        assert abs(value - wanted) < 4.4 * math.sqrt(2) * math.hypot(error, of_wanted)
        assert abs(longest(measure, before, part)[0] - wanted) > 10 * of_wanted
    for power in (2, 4):
        values, expected = (measure.zero_mode_of(fields) ** power for fields in (after, trained))
        error = math.sqrt(2 * (values.var() + expected.var()) / COUNT)
        assert abs(values.mean() - expected.mean()) < 4.4 * error


def test_the_inverse_and_its_jacobian_are_those_of_the_map(closed):
    measure, closing, _, before, after = closed
    fields, jacobian = closing.inverse(measure, after[:3].double())
    torch.testing.assert_close(fields.float(), before[:3], atol=1e-4, rtol=1e-4)
    for field, expected in zip(fields, jacobian, strict=True):
        matrix = torch.autograd.functional.jacobian(
            lambda flat: closing(measure, flat.reshape(1, SIDE, SIDE)).flatten(), field.flatten()
        )
        assert float(torch.linalg.slogdet(matrix).logabsdet - expected) == pytest.approx(0.0, abs=1e-4)
