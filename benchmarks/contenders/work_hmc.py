"""Common work of the section hmc: the trajectories, the yardstick, and the check of the physics.

The work is leapfrog trajectories of the task's steps from N(0, 1) fields, momentum refresh, energies and Metropolis step
included; a site update is one leapfrog step of one site. The mean of phi^2 after `quench` trajectories of fresh chains
must agree between contenders: it depends on every part of the algorithm.
"""

import numpy as np
from notebook import chain
from race import race, say


def compete(task, make, version):
    """Time make(fields, seed), a function that advances all chains by a number of trajectories and returns their fields."""
    size, steps = task["size"], task["steps"]
    generator = np.random.default_rng(task["seed"])
    fields = generator.standard_normal((task["chains"], size, size))
    fresh = make(fields, task["seed"] + 1)(task["quench"])
    squares = np.mean(np.square(np.asarray(fresh, dtype=float)), axis=(1, 2))
    move = make(fields, task["seed"] + 2)
    yardstick = chain(generator, (size, size), task["kappa"], task["coupling"], count=4)
    result = race(lambda: move(1), yardstick, task["rounds"])
    updates = size**2 * steps
    rate, reference = task["chains"] * updates / result["seconds"], 4 * updates / result["yardstick"]
    say(
        **{"value": rate, "yardstick": reference, "ratio": rate / reference, "version": version},
        check=float(squares.mean()),
        check_error=float(squares.std(ddof=1) / np.sqrt(len(squares))),
    )
