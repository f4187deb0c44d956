"""Sampling by DPM-Solver++(2M) of the package diffusers in its EDM form."""

import diffusers
import numpy as np
import torch
from diffusers import EDMDPMSolverMultistepScheduler
from race import task
from work_sampling import compete, denoise, powers

power = powers(task())
UNIT = float(np.sqrt(power.mean()))


def variances(count):
    """Compute the variances of the modes after `count` evaluations, one per step."""
    scheduler = EDMDPMSolverMultistepScheduler(sigma_min=0.002, sigma_max=80.0, sigma_data=UNIT)
    scheduler.set_timesteps(count)
    modes = torch.as_tensor(power)
    x = torch.full_like(modes, 80.0)
    for t, s in zip(scheduler.timesteps, scheduler.sigmas[:-1], strict=True):
        skip = UNIT**2 / (s**2 + UNIT**2)
        gain = s * UNIT / (s**2 + UNIT**2) ** 0.5
        output = (denoise(x, s, modes) - skip * x) / gain
        x = scheduler.step(output, t, x).prev_sample.double()
    return x.numpy() ** 2


compete(task(), variances, f"diffusers {diffusers.__version__}, DPM-Solver++(2M)")
