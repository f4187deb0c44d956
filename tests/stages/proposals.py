"""A model that tells log q of what it generates: a Gaussian, of which everything is known."""

import math
from dataclasses import dataclass, field

import torch

from emulant.contracts.family import Samples

WELL = {"kind": "two_peak", "mean": 1.0, "width": 0.5}
"""S = -log P with its constant, so that Z = 1."""


@dataclass
class Gaussian:
    """Independent samples (N, 1) of a normal distribution of variance 1.5."""

    settings: dict = field(
        default_factory=lambda: {
            "name": "gaussian",
            "family": "single_site",
            "generation": {"samples": 6000, "batch": 1000},
        }
    )
    site_shape: tuple = (1,)
    evaluations: int = 1
    variance: float = 1.5

    def place(self, device):
        return self

    def sample(self, count, generator, condition=None, watch=None):
        x = math.sqrt(self.variance) * torch.randn(count, 1, generator=generator)
        log_q = -(x.double()[:, 0] ** 2) / (2 * self.variance) - 0.5 * math.log(2 * math.pi * self.variance)
        return Samples(x, {"height": x[:, 0].abs()}, log_q)
