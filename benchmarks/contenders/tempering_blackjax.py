"""Adaptive tempered sequential Monte Carlo of blackjax, its Hybrid Monte Carlo as the kernel.

Earlier versions chose their times with a wrong sign of the likelihood (issue 914 of its repository); 1.7.1 does not.
"""

import importlib.metadata

import blackjax
import blackjax.smc.resampling
import jax
import jax.numpy as jnp
import numpy as np
from race import task
from work_tempering import compete, gap

work = task()
jax.config.update("jax_enable_x64", True)
KAPPA, COUPLING, MASS = work["kappa"], work["coupling"], gap(work)[0]


def hopping(phi):
    return -2 * KAPPA * (phi * (jnp.roll(phi, 1, -2) + jnp.roll(phi, 1, -1))).sum()


def start(phi):
    return -hopping(phi) - MASS * (phi**2).sum()


def interaction(phi):
    return -((1 - 2 * COUPLING - MASS) * phi**2 + COUPLING * phi**4).sum()


STEPS = {
    "step_size": jnp.array([work["step"]]),
    "inverse_mass_matrix": jnp.ones((1, work["size"] ** 2)),
    "num_integration_steps": jnp.array([work["forces"]]),
}


def flat(function):
    return lambda phi: function(phi.reshape(work["size"], work["size"]))


sampler = blackjax.adaptive_tempered_smc(
    flat(start),
    flat(interaction),
    blackjax.hmc.build_kernel(),
    blackjax.hmc.init,
    STEPS,
    blackjax.smc.resampling.systematic,
    work["remaining"],
    num_mcmc_steps=1,
)
step = jax.jit(sampler.step)


def run(fields, seed):
    state, key, log_z = sampler.init(jnp.asarray(fields.reshape(len(fields), -1))), jax.random.key(seed), 0.0
    while state.tempering_param < 1:
        key, use = jax.random.split(key)
        state, info = step(use, state)
        log_z += float(info.log_likelihood_increment)
    return np.float64(log_z)


compete(work, run, f"blackjax {importlib.metadata.version('blackjax')}, JAX {jax.__version__}")
