import math

import numpy as np
import torch

from emulant.systems.quartic_well.system import QuarticWell
from emulant.transport.measures import ModeMeasure, mean_power
from emulant.transport.targets import force_target

SHAPE = (6, 4)


def test_a_gaussian_field_has_a_target_without_noise():
    """Then x_hat is the Wiener filter of x, whatever x_0 and z were."""
    generator = torch.Generator().manual_seed(1)
    white = torch.randn(400, *SHAPE, dtype=torch.float64, generator=generator)
    power = 1 / (0.3 + mean_power(white)).clamp_min(0.1)
    measure = ModeMeasure(power, SHAPE)
    fields = measure.filtered(white, power.sqrt())
    noise = torch.logspace(-2, 2, 400, dtype=torch.float64)
    z = torch.randn(fields.shape, dtype=torch.float64, generator=generator)
    target = force_target(fields, measure.filtered(fields, 1 / power), noise, z, 1 / power, measure)
    noisy = fields + noise[:, None, None] * z
    torch.testing.assert_close(target, measure.denoise(noisy, noise), atol=1e-9, rtol=0)


def test_the_target_is_unbiased_and_quieter_than_the_field():
    """Binned in x, its mean is the exact denoiser of the quartic well; 5 errors in 48 bins, false alarm 3e-5."""
    system = QuarticWell(1.0, 0.4)
    generator = torch.Generator().manual_seed(2)
    count, s = 400_000, 0.7
    fields = torch.from_numpy(system.sample(count, np.random.default_rng(3))).reshape(count, 1).double()
    z = torch.randn(count, 1, dtype=torch.float64, generator=generator)
    forces = system.gradient(fields)
    force_power = forces.square().mean().reshape(1)
    measure = ModeMeasure(fields.square().mean().reshape(1), (1,))
    noise = torch.full((count,), s, dtype=torch.float64)
    target = force_target(fields, forces, noise, z, force_power, measure)[:, 0]
    x = (fields + s * z)[:, 0]
    exact = torch.from_numpy(system.denoiser(x.numpy(), 1.0, s))
    gap, variance = target - exact, ((target - exact).square().mean(), (fields[:, 0] - exact).square().mean())
    for part in gap[x.argsort()].chunk(48):
        assert abs(float(part.mean())) < 5 * float(part.std()) / math.sqrt(len(part))
    assert variance[0] < 0.2 * variance[1]
