"""Common work of the section tempering: populations from the Gaussian of the gap equation to the action, adaptive times.

Each run moves the task's walkers along S_t = (1 - t) S_0 + t S; a step in t leaves the part `remaining` of them effective,
and every walker then makes Markov moves. -ln Z of independent runs must agree between contenders and with any other sampler.
"""

import numpy as np
from notebook import chain
from race import race, say


def gap(task):
    """Solve the gap equation by bisection; returns m_0 and A(p) on the lattice."""
    size, kappa, coupling = task["size"], task["kappa"], task["coupling"]
    cosine = np.cos(2 * np.pi * np.fft.fftfreq(size))
    hopping = 4 * kappa * (cosine[:, None] + cosine)
    low, high = 4 * kappa + 1e-12, 4 * kappa + 3
    for _ in range(100):
        mass = (low + high) / 2
        excess = 1 - 2 * coupling + 6 * coupling * (1 / (2 * mass - hopping)).mean() - mass
        low, high = (mass, high) if excess > 0 else (low, mass)
    return mass, 2 * mass - hopping


def compete(task, run, version):
    """Time run(fields, seed), which returns ln Z / Z_0 of a population, and compare -ln Z of the task's runs."""
    _, inverse_power = gap(task)
    generator = np.random.default_rng(task["seed"])
    log_z_0 = -0.5 * np.log(inverse_power / (2 * np.pi)).sum()

    def start():
        white = generator.standard_normal((task["walkers"], task["size"], task["size"]))
        return np.fft.ifft2(np.fft.fft2(white) / np.sqrt(inverse_power)).real

    log_z = log_z_0 + np.array([run(start(), task["seed"] + number) for number in range(task["runs"])])
    z = np.exp(log_z - log_z.max())
    fields = start()
    yardstick = chain(generator, (8, 8), task["kappa"], task["coupling"], count=4)
    result = race(lambda: run(fields, 0), yardstick, task["rounds"])
    rate, reference = task["walkers"] / result["seconds"], 4 / result["yardstick"]
    say(
        **{"value": rate, "yardstick": reference, "ratio": rate / reference, "version": version},
        check=float(-log_z.max() - np.log(z.mean())),
        check_error=float(z.std(ddof=1) / z.mean() / np.sqrt(len(z))),
    )
