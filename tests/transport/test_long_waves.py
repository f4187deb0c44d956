"""Long waves keep their joint law under the symmetries, and their profile leaves what regression cannot explain."""

import pytest
import torch

from emulant.transport.long_waves import LongWaves, Profile, long_waves

SHAPE = (8, 8)


def striped(count, seed=0):
    """Walls of a random place and direction, under unit noise."""
    generator = torch.Generator().manual_seed(seed)
    phase = 2 * torch.pi * torch.rand(count, 1, generator=generator)
    wave = torch.sin(2 * torch.pi * torch.arange(8) / 8 + phase)
    stripes = 5 * torch.tanh(2 * wave)[:, :, None].expand(count, 8, 8)
    turned = torch.rand(count, 1, 1, generator=generator) < 0.5
    return torch.where(turned, stripes.transpose(1, 2), stripes) + torch.randn(
        count, 8, 8, generator=generator
    )


def powers(fields):
    return torch.fft.rfftn(fields.double(), dim=(1, 2), norm="ortho").abs().square()


def test_long_waves_are_as_long_in_every_direction():
    """Four sites or more: wave numbers up to 2, 1 and 1 on 8 x 6 x 4 sites."""
    mask = long_waves((8, 6, 4), 4)
    assert mask.sum() == 5 * 3 * 2 and mask[0, 0, 0] and mask[-2, 1, 1] and not mask[3, 0, 0]


def test_draws_have_the_power_of_the_ensemble_and_no_short_waves():
    """Power of each long wave within 4 errors of 20,000 draws, symmetric partners alike."""
    fields, mask = striped(4000), long_waves(SHAPE, SHAPE[0])
    drawn = powers(LongWaves.of(fields, mask, None).draw(20_000, torch.Generator().manual_seed(1)))
    assert drawn[:, ~mask].max() < 1e-8
    wanted = powers(fields)
    axes = 0.5 * (wanted[:, 1, 0] + wanted[:, 0, 1])
    for mine in (drawn[:, 1, 0], drawn[:, 0, 1], drawn[:, -1, 0]):
        error = (mine.var() / len(mine) + axes.var() / len(axes)).sqrt()
        assert abs(mine.mean() - axes.mean()) < 4 * error
    error = (drawn[:, 1, 0] * drawn[:, 0, 1]).std() / len(drawn) ** 0.5
    joint = (wanted[:, 1, 0] * wanted[:, 0, 1]).mean()
    assert abs((drawn[:, 1, 0] * drawn[:, 0, 1]).mean() - joint) < 5 * error


def test_profile_explains_the_walls():
    """The third harmonic of a tanh wall is a function of the first: what is left is the noise, to 20 %."""
    fields, mask = striped(8000), long_waves(SHAPE, SHAPE[0])
    profile = Profile.fit(fields, mask)
    left = powers(fields - profile.of(fields)).mean(0)
    assert powers(fields).mean(0)[3, 0] > 5
    assert left[3, 0] == pytest.approx(1.0, rel=0.2) and left[0, 3] == pytest.approx(1.0, rel=0.2)
    torch.testing.assert_close(left[2, 2], torch.tensor(1.0, dtype=torch.float64), atol=0.1, rtol=0)


def test_profile_does_not_touch_the_long_waves():
    fields, mask = striped(500), long_waves(SHAPE, SHAPE[0])
    profile = Profile.fit(fields, mask).of(fields)
    modes = torch.fft.rfftn(profile, dim=(1, 2), norm="ortho")
    assert modes[:, mask].abs().max() < 1e-4 < modes[:, ~mask].abs().max()
