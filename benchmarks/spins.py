"""Spins and angles: exact sums against Kaufman's solution and Wannier's entropy, costs of updates, models before training.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/spins.py oracle --samples 20000
    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/spins.py moves --length 16
    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/spins.py columns --length 16 --samples 1000
    OMP_NUM_THREADS=1 python benchmarks/spins.py ground_states
    OMP_NUM_THREADS=1 python benchmarks/spins.py published --length 8 --steps 200 --samples 2048

Times are of CPU. Chains are in equilibrium near the critical point, or nearly so.
"""

import argparse
import itertools
import time

import numpy as np
import torch

import emulant
from emulant.families.autoregressive.model import Model
from emulant.spins import angle_chains, spin_chains
from emulant.spins.angle_chains import AngleChains, AngleMoves
from emulant.spins.bonds import bond_sum
from emulant.spins.kaufman import critical_coupling, square_torus
from emulant.spins.spin_chains import SpinChains, SpinMoves
from emulant.spins.transfer_matrix import TransferMatrix
from emulant.statistics.weights import effective_fraction
from emulant.systems.ising.system import from_settings

CHAINS, UPDATES = 64, 50
BETA_XY = 1.1
BETAS = (0.2, 0.3, critical_coupling(), 0.5, 0.6, 0.8, 1.0)


def oracle(samples):
    """Print ln q + beta E of exact samples at the critical point of 8 x 8, its spread, and what they cost."""
    coupling, start = critical_coupling(), time.process_time()
    law = TransferMatrix(coupling, (8, 8), "square")
    drawn = law.sample(samples, np.random.default_rng(1))
    spent, start = time.process_time() - start, time.process_time()
    law.conditionals(drawn.spins)
    labels = time.process_time() - start
    log = drawn.log_q - coupling * bond_sum(drawn.spins, "square")
    print(
        f"{samples} samples: ln q + beta E = {log.mean():.12f}, sd {log.std():.1e};"
        f" -ln Z = {-square_torus(coupling, (8, 8)).value:.12f}; {1e6 * spent / samples:.0f} us a sample,"
        f" {1e6 * labels / samples:.0f} us its 64 conditionals"
    )


def timed(name, chains, moves):
    """Print the CPU time of an update of one chain."""
    chains.advance(moves, UPDATES)
    start = time.process_time()
    chains.advance(moves, UPDATES)
    print(f"{name} {moves}: {1e6 * (time.process_time() - start) / (CHAINS * UPDATES):.0f} us")


def moves(length):
    """Print what each move costs on length x length."""
    shape, generator = (length, length), np.random.default_rng(1)
    for update in (SpinMoves(1), SpinMoves(0, 1), SpinMoves(1, 0, 4)):
        spins, _ = spin_chains.starts(shape, "square", CHAINS, aligned=True, generator=generator)
        timed("ising", SpinChains(spins, critical_coupling(), "square", seed=1), update)
    for update in (AngleMoves(1), AngleMoves(0, 1), AngleMoves(1, 1, 4)):
        angles, _ = angle_chains.starts(shape, CHAINS, generator)
        timed("xy", AngleChains(angles, BETA_XY, seed=1), update)


def columns(length, samples):
    """Print KL(q || p) and the effective part of spins drawn with few states of each column alone, and what they cost."""
    untrained = {"name": "columns", "family": "autoregressive", "rows": 1, "hidden": 1, "rank": 1, "pool": 64}
    for beta, states in itertools.product(BETAS, (2, 4, 8)):
        system = from_settings({"beta": beta, "shape": [length, length]})
        model = Model.build(untrained | {"states": states, "objective": "labels"}, None, system)
        model.sample(8, torch.Generator().manual_seed(1))
        start = time.process_time()
        drawn = model.sample(samples, torch.Generator().manual_seed(1))
        spent = time.process_time() - start
        log_weight = (-system.action(drawn.values) - drawn.log_q).numpy() - system.log_partition()
        # <w> = 1, so that the noise of <ln w> cancels in part.
        divergence = np.exp(log_weight) - 1 - log_weight
        error = divergence.std() / samples**0.5
        print(
            f"beta {beta:.3f}, {states} states: KL {divergence.mean():.2e} +- {error:.0e},"
            f" {divergence.mean() / system.log_partition():.1e} of ln Z +- {error / system.log_partition():.0e},"
            f" effective part {effective_fraction(log_weight)[0]:.5f}, {1e6 * spent / samples:.0f} us a sample"
        )


def ground_states():
    """Print the entropy of the cold triangular antiferromagnet on 6 x 6 and 12 x 12, exactly, and its limit in 1/L^2."""
    small, large = (cold_entropy(side) for side in (6, 12))
    print(f"6: {small:.7f}, 12: {large:.7f}, limit {large + (large - small) / 3:.7f}; Wannier 0.3230659")


def cold_entropy(side):
    """Compute ln Z / V + K of a square torus of even side at K = -3 with T^side = (T^(side/2))^2: 10 s for 12 x 12."""
    spins = 2.0 * ((np.arange(2**side)[:, None] >> np.arange(side)) & 1) - 1
    within = (spins * np.roll(spins, 1, 1)).sum(1) / 2
    bonds = within[:, None] + within + spins @ (spins + np.roll(spins, 1, 1)).T
    # -side is the least that a row can have with the bonds to the next one.
    half = np.linalg.matrix_power(np.exp(-3.0 * (bonds + side)), side // 2)
    return np.log(np.einsum("ij,ji->", half, half)) / side**2


def published(length, steps, samples):
    """Train the published networks, van smaller than published, and ours, and print <S + ln q> and the effective part."""
    ising = emulant.system("ising", beta=critical_coupling(), shape=(length, length))
    xy = emulant.system("xy", beta=1.0, shape=(length, length))
    batch = {"training": {"steps": steps, "batch": 256}}
    networks = [
        (ising, "autoregressive", {"steps": 150}),
        (xy, "autoregressive_angles", {"steps": 300, "pool": 4096}),
        (ising, "van_baseline", {"width": 16, "reach": 3} | batch),
        (xy, "can_baseline", batch),
    ]
    for system, name, block in networks:
        start = time.process_time()
        model = emulant.fit(name, system, **block)
        spent = time.process_time() - start
        weights = emulant.weights(emulant.sample(model, samples))
        # <S + ln q> needs no weights, which say little of a network that has not learned yet.
        variational = weights.minus_log_z[0] - np.log(weights.values).mean()
        print(f"{name}, {spent:.0f} s: <S + ln q> {variational:.4f}, {weights}", flush=True)


def main():
    """Print what the chosen section measures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", choices=["oracle", "moves", "columns", "ground_states", "published"])
    parser.add_argument("--samples", type=int, default=20000)
    parser.add_argument("--length", type=int, default=16)
    parser.add_argument("--steps", type=int, default=400, help="of the training of a published network")
    chosen = parser.parse_args()
    if chosen.section == "oracle":
        oracle(chosen.samples)
    elif chosen.section == "moves":
        moves(chosen.length)
    elif chosen.section == "ground_states":
        ground_states()
    elif chosen.section == "published":
        published(chosen.length, chosen.steps, chosen.samples)
    else:
        columns(chosen.length, chosen.samples)


if __name__ == "__main__":
    main()
