"""Samplers: heat bath, one colour of the checkerboard after the other."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.markov.chains import Averages, FixedUpdate
from emulant.markov.driver import equilibrium
from emulant.markov.thermalisation import Gate
from emulant.storage.provenance import provenance
from emulant.systems.enumerated_ising.system import Ising

__all__ = ["samplers"]


class HeatBath:
    """Chains of spins, (chains, L, L) int8; an update is a sweep."""

    device = "cpu"

    def __init__(self, system: Ising, spins: np.ndarray, seed: int) -> None:
        self.beta, self.spins, self.generator = system.beta, spins, np.random.default_rng(seed)
        self.even = np.indices(system.site_shape).sum(axis=0) % 2 == 0

    def __len__(self) -> int:
        return len(self.spins)

    @property
    def fields(self) -> np.ndarray:
        """Configurations of all chains, a copy."""
        return self.spins.copy()

    def advance(self, update: Any, count: int = 1) -> np.ndarray:
        """Make `count` sweeps; nothing is rejected."""
        for _ in range(count):
            for colour in (self.even, ~self.even):
                up = 1 / (1 + np.exp(-2 * self.beta * self._neighbours()))
                drawn = np.where(self.generator.random(self.spins.shape) < up, 1, -1)
                self.spins = np.where(colour, drawn, self.spins).astype(np.int8)
        return np.ones(len(self))

    def averages(self) -> Averages:
        """Magnetisation, and Callen's identity <s h> - <h tanh(beta h)> = 0 of the neighbours' sum h."""
        h = self._neighbours()
        identity = h * (self.spins - np.tanh(self.beta * h))
        return Averages(self.spins.mean((1, 2)), identity.mean((1, 2)))

    def state(self) -> dict[str, np.ndarray]:
        """Spins and random state."""
        text = json.dumps(self.generator.bit_generator.state).encode()
        return {"spins": self.spins.copy(), "generator": np.frombuffer(text, np.uint8)}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""
        self.spins = state["spins"]
        self.generator.bit_generator.state = json.loads(state["generator"].tobytes())

    def _neighbours(self) -> np.ndarray:
        return sum(np.roll(self.spins.astype(int), step, axis) for axis in (1, 2) for step in (1, -1))


def sample_heat_bath(
    system: Ising, path: Path, *, settings: Mapping[str, Any], seed: int, checkpoint: Path, threads: int = 1
) -> dict[str, Any]:
    """Write the equilibrium ensemble; half of the chains start random, half ordered."""
    number = np.arange(settings.get("chains", 64))
    hot = number % 2 == 0
    random = np.random.default_rng(seed).choice([-1, 1], (len(number), *system.site_shape))
    ordered = np.where(number % 4 == 1, 1, -1)[:, None, None]
    spins = np.where(hot[:, None, None], random, ordered).astype(np.int8)
    attributes = provenance(system=system.kind, parameters=system.parameters, sampler="heat_bath", seed=seed)
    return equilibrium(
        path,
        attributes,
        HeatBath(system, spins, seed),
        hot,
        FixedUpdate(warm_up=8),
        samples=settings["samples"],
        checkpoint=checkpoint,
        gate=Gate(identity=0.0),
        label="heat bath",
    )


samplers = {"heat_bath": sample_heat_bath}
