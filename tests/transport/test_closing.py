"""The last map of the long waves: laws of the zero mode and of waves given it, and its Jacobian."""

import math

import pytest
import torch

from emulant.transport.closing import Closing
from emulant.transport.measures import ModeMeasure
from emulant.transport.waves_given_order import cubes_of, level_of, multiplicity, shells_of

SIDE, COUNT = 4, 40000


def waves(seed, spread, slope, tail=0.0, pull=0.0):
    """Fields on 4 x 4: a zero mode of two Gaussians, waves of power (1 + slope m^2)/(1 + k^2) given it.

    The lowest shell is multiplied by e^(tail x), x normal, over the root of its mean square, and `pull` times the cube of
    all longer waves is added to each of the next shells.
    """
    generator = torch.Generator().manual_seed(seed)
    sign = torch.randint(0, 2, (COUNT,), generator=generator) * 2 - 1
    zero = 2.0 * sign + spread * torch.randn(COUNT, generator=generator)
    square = sum(torch.meshgrid(*[torch.fft.fftfreq(SIDE, 1 / SIDE).square()] * 2, indexing="ij"))
    modes = torch.fft.fft2(torch.randn(COUNT, SIDE, SIDE, generator=generator), norm="ortho")
    modes = modes * (1 + slope * zero.square()).sqrt()[:, None, None] / (1 + square).sqrt()
    strength = (tail * torch.randn(COUNT, generator=generator) - tail**2).exp()
    modes = torch.where(square == 1, modes * strength[:, None, None], modes)
    modes[:, 0, 0] = zero.to(modes.dtype)
    for shell in square.unique()[2:]:
        longer = torch.fft.ifft2(modes * (square < shell), norm="ortho").real
        modes = modes + pull * torch.fft.fft2(longer**3, norm="ortho") * (square == shell)
    return torch.fft.ifft2(modes, norm="ortho").real


@pytest.fixture(scope="module")
def closed():
    """Training fields, and generated ones of another law before the map and after it, that were not measured."""
    trained = waves(1, 1.0, 0.1, tail=0.3, pull=-0.1)
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


def dependence(measure, fields):
    """<s^2>/<s>^2 of the lowest shell's power s, and <cube phi>/<cube^2> of the next two shells, each with its error."""
    modes, shells = measure.transform(fields.double()), shells_of(measure)
    power = level_of(measure, modes).exp()
    ratio = power.square() / power.square().mean() - 2 * power / power.mean()
    numbers = [
        (power.square().mean() / power.mean() ** 2, ratio.std() * power.square().mean() / power.mean() ** 2)
    ]
    cubes, count = cubes_of(measure, modes), multiplicity(measure)
    for shell in (2, 3):
        along, size = (
            ((cubes.conj() * part).real * count * (shells == shell)).flatten(1).sum(1)
            for part in (modes, cubes)
        )
        numbers.append(
            (along.mean() / size.mean(), (along - along.mean() / size.mean() * size).std() / size.mean())
        )
    return [(float(value), float(error) / math.sqrt(COUNT)) for value, error in numbers]


def test_the_law_of_the_lowest_shell_and_the_pull_of_long_waves_become_those_of_training(closed):
    """Three numbers below 4.4 errors of both samples and of the map, 3e-5; before the map 20 errors and more.

    The tables are linear between nine quantiles, which is 1 % of <s^2>/<s>^2 here.
    """
    measure, _, trained, before, after = closed
    numbers = zip(*(dependence(measure, fields) for fields in (trained, before, after)), strict=True)
    for (wanted, of_wanted), (first, error), (value, _) in numbers:
        allowed = 4.4 * math.sqrt(2) * math.hypot(error, of_wanted) + 0.01 * abs(wanted)
        assert abs(value - wanted) < allowed and abs(first - wanted) > 20 * of_wanted


def test_the_inverse_and_its_jacobian_are_those_of_the_map(closed):
    measure, closing, _, before, after = closed
    fields, jacobian = closing.inverse(measure, after[:3].double())
    torch.testing.assert_close(fields.float(), before[:3], atol=1e-4, rtol=1e-4)
    for field, expected in zip(fields, jacobian, strict=True):
        matrix = torch.autograd.functional.jacobian(
            lambda flat: closing(measure, flat.reshape(1, SIDE, SIDE)).flatten(), field.flatten()
        )
        assert float(torch.linalg.slogdet(matrix).logabsdet - expected) == pytest.approx(0.0, abs=1e-4)
