"""Algorithm of the notebook in JAX: compiled, all chains at once."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from race import task
from work_hmc import compete

work = task()
jax.config.update("jax_enable_x64", work["precision"] == "float64")
KAPPA, COUPLING, STEPS, STEP = work["kappa"], work["coupling"], work["steps"], work["step"]


def force(phi):
    neighbours = sum(jnp.roll(phi, way, axis) for axis in (-2, -1) for way in (1, -1))
    return 2 * KAPPA * neighbours + 2 * phi * (2 * COUPLING * (1 - phi * phi) - 1)


def energy(phi, momentum):
    hopping = phi * (jnp.roll(phi, 1, -2) + jnp.roll(phi, 1, -1))
    square = phi * phi
    density = -2 * KAPPA * hopping + (1 - 2 * COUPLING) * square + COUPLING * square * square
    return (density + momentum * momentum / 2).sum((-2, -1), dtype=jnp.result_type(float))


def trajectory(state, _):
    phi, key = state
    key, first, second = jax.random.split(key, 3)
    momentum = jax.random.normal(first, phi.shape, phi.dtype)

    def leap(_, pair):
        moved, pushed = pair
        moved = moved + STEP * pushed
        return moved, pushed + STEP * force(moved)

    moved, pushed = jax.lax.fori_loop(0, STEPS, leap, (phi, momentum + STEP / 2 * force(phi)))
    pushed = pushed - STEP / 2 * force(moved)
    change = energy(moved, pushed) - energy(phi, momentum)
    accepted = jax.random.uniform(second, change.shape) < jnp.exp(-change)
    return (jnp.where(accepted[:, None, None], moved, phi), key), None


@partial(jax.jit, static_argnums=1)
def advanced(state, count):
    return jax.lax.scan(trajectory, state, None, length=count)[0]


def make(fields, seed):
    state = [(jnp.asarray(fields, dtype=work["precision"]), jax.random.key(seed))]

    def move(count):
        state[0] = advanced(state[0], count)
        return np.asarray(state[0][0])

    return move


compete(work, make, f"JAX {jax.__version__}, {work['precision']}, all chains at once")
