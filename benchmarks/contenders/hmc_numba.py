"""Algorithm of the notebook as plain loops in Numba, float64, one chain after another."""

import numba
import numpy as np
from numba import njit
from race import task
from work_hmc import compete

work = task()


@njit(fastmath=True)
def force(phi, out, kappa, coupling):
    size = phi.shape[0]
    for i in range(size):
        up, down = (i + 1) % size, (i - 1) % size
        for j in range(size):
            centre = phi[i, j]
            near = phi[up, j] + phi[down, j] + phi[i, (j + 1) % size] + phi[i, (j - 1) % size]
            out[i, j] = 2 * kappa * near + 2 * centre * (2 * coupling * (1 - centre * centre) - 1)


@njit(fastmath=True)
def energy(phi, momentum, kappa, coupling):
    size, total = phi.shape[0], 0.0
    for i in range(size):
        for j in range(size):
            centre = phi[i, j]
            hopping = centre * (phi[(i + 1) % size, j] + phi[i, (j + 1) % size])
            square = centre * centre
            total += -2 * kappa * hopping + (1 - 2 * coupling) * square + coupling * square * square
            total += momentum[i, j] ** 2 / 2
    return total


@njit(fastmath=True)
def advance(fields, count, steps, step, kappa, coupling):
    for chain in range(len(fields)):
        pushed = np.empty_like(fields[chain])
        for _ in range(count):
            phi, momentum = fields[chain].copy(), np.random.standard_normal(fields[chain].shape)  # noqa: NPY002
            before = energy(phi, momentum, kappa, coupling)
            force(phi, pushed, kappa, coupling)
            momentum += step / 2 * pushed
            for leap in range(steps):
                phi += step * momentum
                force(phi, pushed, kappa, coupling)
                momentum += (step if leap < steps - 1 else step / 2) * pushed
            if np.random.random() < np.exp(before - energy(phi, momentum, kappa, coupling)):  # noqa: NPY002
                fields[chain] = phi


@njit
def seeded(seed):
    np.random.seed(seed)  # noqa: NPY002, Numba has no other


def make(fields, seed):
    fields = fields.copy()
    seeded(seed)

    def move(count):
        advance(fields, count, work["steps"], work["step"], work["kappa"], work["coupling"])
        return fields

    return move


compete(work, make, f"Numba {numba.__version__}, plain loops, float64")
