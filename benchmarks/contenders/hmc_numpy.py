"""Yardstick of Hybrid Monte Carlo, one chain after another."""

import numpy as np
from notebook import chain
from race import task
from work_hmc import compete

work = task()


def make(fields, seed):
    generator = np.random.default_rng(seed)
    chains = [chain(generator, fields.shape[1:], work["kappa"], work["coupling"], count=1) for _ in fields]
    return lambda count: np.stack([[move() for _ in range(count)][-1] for move in chains])


compete(work, make, f"NumPy {np.__version__}, float64")
