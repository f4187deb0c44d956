"""Models that tell log q, or a work, of what they generate: a Gaussian, of which everything is known."""

import math
from dataclasses import dataclass, field

import torch

from emulant.contracts.family import Samples
from emulant.systems import system_from

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


class Working(Gaussian):
    """The same samples, of which the work of a path is told: one step from nowhere, W = log q + S."""

    def sample(self, count, generator, condition=None, watch=None):
        drawn = super().sample(count, generator)
        return Samples(drawn.values, drawn.facts, work=drawn.log_q + system_from(WELL).action(drawn.values))
