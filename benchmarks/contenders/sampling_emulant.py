"""Sampling by emulant's flow, with a spectrum that is 10 % too large; with the right one it is exact in one step."""

import math

import numpy as np
import torch
from race import task
from work_sampling import compete

from emulant import __version__
from emulant.transport.measures import ModeMeasure
from emulant.transport.solvers import latent_flow, latent_grid

work = task()
SHAPE = (work["size"], work["size"])
momentum = 2 * math.pi * torch.arange(work["size"], dtype=torch.float64) / work["size"]
cosine = torch.cos(momentum)
POWER = 1 / (2 - 4 * work["kappa"] * (cosine[:, None] + cosine[None, : work["size"] // 2 + 1]))
MEASURE = ModeMeasure(1.1 * POWER, SHAPE)


def residual(x, s):
    s = float(torch.as_tensor(s).flatten()[0])
    base, true = MEASURE.power / (MEASURE.power + s**2), POWER / (POWER + s**2)
    return MEASURE.filtered(x, (true - base) / (MEASURE.power * s**2 / (MEASURE.power + s**2)).sqrt())


def variances(count):
    latent = torch.zeros(1, *SHAPE, dtype=torch.float64)
    latent[0, 0, 0] = work["size"]
    grid = latent_grid(MEASURE, 30 * float(MEASURE.power.max().sqrt()), count)
    out = latent_flow(residual, MEASURE, latent, grid, lambda s: 0.0)
    return (MEASURE.transform(out)[0].abs() ** 2).numpy()


compete(work, variances, f"emulant {__version__}, spectrum 10 % wrong", np.asarray(POWER))
