"""The driver with chains that have nothing to do with a scalar field: the Ising model by heat bath, energy alone."""

import hashlib
import json
from itertools import product

import numpy as np
import pytest

from emulant.markov.chains import Averages, FixedUpdate
from emulant.markov.driver import equilibrium
from emulant.markov.thermalisation import Gate, NotEquilibrated
from emulant.statistics.autocorrelation import integrated_time
from emulant.storage.ensemble import EnsembleWriter, open_ensemble
from emulant.storage.provenance import provenance

BETA, SHAPE = 0.35, (4, 4)
EVEN = np.indices(SHAPE).sum(axis=0) % 2 == 0


def neighbours(spins):
    return sum(np.roll(spins.astype(int), step, axis) for axis in (1, 2) for step in (1, -1))


def energy(spins):
    """-sum over bonds of s s', (n,)."""
    return -(spins * neighbours(spins)).sum((1, 2)) / 2


class IsingChains:
    """Heat bath of spins +-1 in int8, checkerboard by checkerboard; an update is nothing but a sweep."""

    device = "cpu"

    def __init__(self, spins, seed, beta=BETA):
        self.spins, self.beta, self.generator = spins.astype(np.int8), beta, np.random.default_rng(seed)

    def __len__(self):
        return len(self.spins)

    @property
    def fields(self):
        return self.spins.copy()

    def advance(self, update, count=1):
        for _ in range(count):
            for colour in (EVEN, ~EVEN):
                up = 1 / (1 + np.exp(-2 * self.beta * neighbours(self.spins)))
                fresh = np.where(self.generator.random(self.spins.shape) < up, 1, -1)
                self.spins = np.where(colour, fresh, self.spins).astype(np.int8)
        return np.ones(len(self))

    def averages(self):
        """M, and Callen's identity <s h> = <h tanh(beta h)>, whose difference is 0."""
        field = neighbours(self.spins)
        difference = field * (self.spins - np.tanh(self.beta * field))
        return Averages(self.spins.mean((1, 2)), difference.mean((1, 2)))

    def state(self):
        text = json.dumps(self.generator.bit_generator.state).encode()
        return {"spins": self.spins.copy(), "generator": np.frombuffer(text, np.uint8)}

    def restore(self, state):
        self.spins = state["spins"]
        self.generator.bit_generator.state = json.loads(state["generator"].tobytes())


def begin(chains=64, seed=1, beta=BETA):
    """Chains of random spins and of all spins up or down, and which are hot."""
    number = np.arange(chains)
    hot = number % 2 == 0
    random = np.random.default_rng(seed).choice([-1, 1], (chains, *SHAPE))
    cold = np.where(number % 4 == 1, 1, -1)[:, None, None]
    return IsingChains(np.where(hot[:, None, None], random, cold), seed, beta), hot


GATE = Gate(identity=0.0)
"""Callen's identity is a difference whose expectation is 0."""


def run(path, checkpoint, samples=16384, gate=GATE, **changes):
    attributes = provenance(system="ising", parameters={"beta": BETA}, sampler="heat_bath", seed=1)
    chains, hot = begin(**changes)
    return equilibrium(
        path,
        attributes,
        chains,
        hot,
        FixedUpdate(warm_up=4),
        samples=samples,
        checkpoint=checkpoint,
        gate=gate,
        patience=2,
    )


def exact_energy():
    """<E> by enumeration of all 65536 states."""
    states = np.array(list(product([-1, 1], repeat=16)), np.int8).reshape(-1, *SHAPE)
    energies = energy(states)
    weights = np.exp(-BETA * (energies - energies.min()))
    return (weights * energies).sum() / weights.sum()


def test_spins_have_the_energy_of_the_enumeration(tmp_path):
    """Within 4 errors that know tau_int; false alarm 6e-5."""
    record = run(tmp_path / "a.h5", tmp_path / "a.npz")
    assert record["equilibrated"] and record["acceptance"] == 1.0
    with open_ensemble(tmp_path / "a.h5", site_shape=SHAPE) as ensemble:
        assert ensemble.dtype == np.int8 and set(np.unique(ensemble.read())) == {-1, 1}
        energies, chain = energy(ensemble.read()), ensemble.chain
    by_chain = np.stack([energies[chain == number] for number in range(64)])
    tau = max(0.5, float(integrated_time(by_chain)[0]))
    error = by_chain.std() * np.sqrt(2 * tau / by_chain.size)
    assert error < 0.1
    assert abs(energies.mean() - exact_energy()) < 4 * error


def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path, monkeypatch):
    record = run(tmp_path / "whole.h5", tmp_path / "a.npz")
    append, calls = EnsembleWriter.append, []

    def dying(self, *arguments, **columns):
        calls.append(1)
        if len(calls) == 150:
            raise KeyboardInterrupt
        append(self, *arguments, **columns)

    monkeypatch.setattr(EnsembleWriter, "append", dying)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "again.h5", tmp_path / "b.npz")
    assert run(tmp_path / "again.h5", tmp_path / "b.npz") == record
    # 256 sweeps are wanted, 128 were saved: none of these is made again.
    assert len(calls) == 150 + 128
    digests = {hashlib.sha256((tmp_path / f"{n}.h5").read_bytes()).hexdigest() for n in ("whole", "again")}
    assert len(digests) == 1


def test_frozen_chains_do_not_pass(tmp_path):
    """At beta = 3 hot chains end in stripes that a heat bath does not undo."""
    with pytest.raises(NotEquilibrated):
        run(tmp_path / "a.h5", tmp_path / "a.npz", beta=3.0)
    assert not (tmp_path / "a.h5").exists()


def test_a_wrong_identity_does_not_pass(tmp_path):
    with pytest.raises(NotEquilibrated):
        run(tmp_path / "a.h5", tmp_path / "a.npz", gate=Gate(identity=0.1))
