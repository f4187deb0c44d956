"""Chains of a scalar field on several devices at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from emulant.devices import devices as visible
from emulant.lattice.torch_sampler import TorchChains
from emulant.lattice.trajectory import ScalarChains, Trajectory
from emulant.markov.chains import Averages

__all__ = ["SpreadChains", "device_name", "torch_chains"]


class SpreadChains:
    """Equal shares of the chains on each device; the interface is `emulant.lattice.trajectory.ScalarChains`.

    Chains never meet, but each share has random numbers of its own: which numbers come depends on how many devices
    there are, what they are distributed like does not.

    Arguments:
        parts: chains of one system, each on its device.
    """

    def __init__(self, parts: list[TorchChains]) -> None:
        self.parts, self.volume = parts, parts[0].volume
        self.device = device_name([part.device for part in parts])

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @property
    def fields(self) -> np.ndarray:
        """Configurations of all chains, (chains, *shape), a copy."""
        return np.concatenate([part.fields for part in self.parts])

    @property
    def cluster_work(self) -> int:
        """Sites flipped by clusters so far."""
        return sum(part.cluster_work for part in self.parts)

    def advance(self, trajectory: Trajectory, count: int = 1) -> np.ndarray:
        """`count` trajectories on all devices at once; returns the acceptance of each chain, (chains,)."""
        with ThreadPoolExecutor(len(self.parts)) as pool:
            return np.concatenate(list(pool.map(lambda part: part.advance(trajectory, count), self.parts)))

    def averages(self) -> Averages:
        """M and phi dS/dphi per site of each chain, each (chains,)."""
        magnetisation, identity = zip(*(part.averages() for part in self.parts), strict=True)
        return Averages(np.concatenate(magnetisation), np.concatenate(identity))

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""
        return {
            f"{number}.{name}": values
            for number, part in enumerate(self.parts)
            for name, values in part.state().items()
        }

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""
        for number, part in enumerate(self.parts):
            names = [name for name in state if name.startswith(f"{number}.")]
            part.restore({name.split(".", 1)[1]: state[name] for name in names})


def torch_chains(
    *system_and_start: Any, seed: int, dtype: str = "float32", devices: list[str] | None = None
) -> ScalarChains:
    """Chains as of `TorchChains`, whose other arguments these are, in equal shares on every one of `devices`.

    Arguments:
        system_and_start: shape, kappa, coupling, fields.
        seed: of all random numbers.
        dtype: of the fields.
        devices: as torch names them, by default all that the job was given.
    """
    *system, fields = system_and_start
    names = devices or visible()
    if len(names) == 1:
        return TorchChains(*system, fields, seed=seed, dtype=dtype, device=names[0].split(":")[0])
    seeds = np.random.SeedSequence(seed).generate_state(len(names), np.uint64) >> np.uint64(1)
    shares = zip(np.array_split(fields, len(names)), seeds, names, strict=True)
    return SpreadChains(
        [
            TorchChains(*system, share, seed=int(share_seed), dtype=dtype, device=device)
            for share, share_seed, device in shares
        ]
    )


def device_name(devices: list[str] | None = None) -> str:
    """How provenance calls `devices`, by default those of this job: their kind, and their number where it is not one."""
    names = devices or visible()
    kind = names[0].split(":")[0]
    return kind if len(names) == 1 else f"{len(names)} x {kind}"
