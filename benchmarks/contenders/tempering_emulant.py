"""Sequential Monte Carlo of emulant: two trajectories around two Wolff clusters at each time, times chosen, then frozen."""

import torch
from race import task
from work_tempering import compete

from emulant import __version__
from emulant.systems.phi4.system import Phi4
from emulant.transport.annealing import Annealing, levels_of
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.sequential import adaptive_times, sequential_monte_carlo

work = task()
SYSTEM = Phi4(work["kappa"], work["coupling"], (work["size"], work["size"]))
START = GaussianStart(torch.from_numpy(SYSTEM.inverse_power()))


def schedule(times):
    return Annealing(START, SYSTEM.action, SYSTEM.moved, times)


tried = START.sample(work["walkers"], torch.Generator().manual_seed(work["seed"]))
FROZEN = schedule(adaptive_times(schedule(levels_of(1)), tried, work["seed"], remaining=work["remaining"]))


def run(fields, seed):
    return sequential_monte_carlo(FROZEN, torch.from_numpy(fields).float(), seed).log_z


compete(work, run, f"emulant {__version__}, {len(FROZEN.times) - 1} levels")
