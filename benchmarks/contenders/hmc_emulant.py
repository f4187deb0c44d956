"""Hybrid Monte Carlo by emulant with the notebook's trajectory, without tuning and clusters (see benchmarks/hmc.py)."""

from race import task
from work_hmc import compete

from emulant import __version__
from emulant.lattice.sampler import Chains
from emulant.lattice.trajectory import LEAPFROG, Trajectory

work = task()
MOVE = Trajectory(work["steps"], work["step"], jitter=0.0, clusters=0, flip=False, xi=LEAPFROG)


def make(fields, seed):
    shape = fields.shape[1:]
    chains = Chains(shape, work["kappa"], work["coupling"], fields, seed=seed, dtype=work["precision"])

    def move(count):
        chains.advance(MOVE, count)
        return chains.fields

    return move


compete(work, make, f"emulant {__version__}, {work['precision']}")
