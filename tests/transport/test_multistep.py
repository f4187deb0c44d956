"""The multistep scheme with an exact score: angles of von Mises' law and Gaussian numbers, against one of first order."""

import math

import torch

from emulant.transport.circle.kernel import kernel_score
from emulant.transport.multistep import multistep_walk

COUNT = 100_000
LEVELS = torch.logspace(math.log10(5.0), math.log10(0.03), 48, dtype=torch.float64).tolist()


def noise_of(shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_a_gaussian_keeps_its_variance():
    """Var 0.5: within 4.5 errors, and 1 % of the steps that 48 levels leave."""
    x = multistep_walk(
        lambda x, s: 0.5 * x / (0.5 + s**2), noise_of(COUNT) * 5.05, LEVELS, torch.Generator().manual_seed(2)
    )
    assert abs(float(x.var()) / 0.5 - 1) < 0.01 + 4.5 * math.sqrt(2 / COUNT)


def test_angles_find_their_law():
    """Two narrow peaks at +-1 on the circle, as a mixture of kernels: <cos> and the balance of the peaks."""
    width, centre = 0.4, 1.0

    def denoised(x, s):
        total = torch.tensor(math.hypot(s, width), dtype=torch.float64)
        shifted = [torch.remainder(x - c + math.pi, 2 * math.pi) - math.pi for c in (centre, -centre)]
        logs = torch.stack([log_kernel(d, total) for d in shifted])
        share = logs.softmax(0)
        return x + s**2 * sum(w * kernel_score(d, total) for w, d in zip(share, shifted, strict=True))

    uniform = 2 * math.pi * torch.rand(COUNT, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    x = multistep_walk(denoised, uniform, LEVELS, torch.Generator().manual_seed(4))
    expected = math.exp(-0.5 * width**2) * math.cos(centre)
    spread = float(x.cos().std()) / math.sqrt(COUNT)
    assert abs(float(x.cos().mean()) - expected) < 2e-3 + 4.5 * spread
    assert abs(float(x.sin().mean())) < 4.5 * float(x.sin().std()) / math.sqrt(COUNT)


def log_kernel(d, total):
    """Of the wrapped Gaussian, by images."""
    images = torch.stack([-((d + 2 * math.pi * k) ** 2) / (2 * total**2) for k in range(-4, 5)])
    return images.logsumexp(0)
