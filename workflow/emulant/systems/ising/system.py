"""The Ising model as a system of the pipeline."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from emulant.contracts.system import Symmetry
from emulant.errors import InputError
from emulant.spins import kaufman, transfer_matrix
from emulant.spins.bonds import bipartite, bond_sum
from emulant.spins.log_partition import LogPartition
from emulant.spins.spin_chains import SpinChains, callen, moves_of
from emulant.spins.symmetries import OF_LATTICE, turned_over
from emulant.spins.views import Spins

__all__ = ["Ising", "SolvedIsing", "from_settings"]


class Ising:
    """Spins +-1 with E = -J sum over bonds of s s' and S = beta E.

    Arguments:
        beta: inverse temperature.
        coupling: J.
        lattice: square or triangular.
        shape: rows and sites in a row.
    """

    kind = "ising"
    dtype = "int8"

    def __init__(self, beta: float, coupling: float, lattice: str, shape: tuple[int, ...]) -> None:
        self.beta, self.coupling, self.lattice = float(beta), float(coupling), lattice
        self.site_shape = tuple(shape)
        self.parameters = {"beta": beta, "coupling": coupling, "lattice": lattice, "shape": list(shape)}

    @property
    def bond(self) -> float:
        """K = beta J."""
        return self.beta * self.coupling

    @property
    def symmetries(self) -> tuple[Symmetry, ...]:
        """Translations, the point group that the lattice shows on this torus, the sign of all spins."""
        return (*OF_LATTICE[self.lattice], turned_over)

    def view(self, configurations: np.ndarray) -> Spins:
        """What observables are shown of configurations (n, *site_shape)."""
        return Spins(configurations, self)

    def energy(self, spins: Any) -> Any:
        """E of each configuration, (N,)."""
        return -self.coupling * bond_sum(spins, self.lattice)

    def action(self, spins: Any) -> Any:
        """S of each configuration, (N,)."""
        return self.beta * self.energy(spins)

    def swept(self, spins: np.ndarray, sweeps: int, seed: int) -> np.ndarray:
        """Sweep by a heat bath of single spins, and clusters after each (`spins.spin_chains`)."""
        chains = SpinChains(spins, self.bond, self.lattice, seed=seed)
        chains.advance(moves_of(self.bond, self.lattice), sweeps)
        return chains.spins

    def odd(self, configurations: np.ndarray) -> np.ndarray:
        """The magnetisation, where it vanishes the sign of the first spin, (n,)."""
        mean = configurations.mean((1, 2))
        return mean + configurations[:, 0, 0] / (2 * math.prod(self.site_shape))

    def violations(self, configurations: np.ndarray) -> dict[str, np.ndarray]:
        """Left minus right side of Callen's identity, (n,), which another beta breaks."""
        return {"<s g> = <g tanh(beta J h)>": callen(configurations, self.bond, self.lattice)}

    def admit(self, configurations: np.ndarray) -> tuple[np.ndarray, str]:
        """Return spins as they are; raises InputError where one is not +-1, naming the row."""
        right = np.abs(configurations) == 1
        if not right.all():
            row, y, x = np.argwhere(~right)[0]
            value = f"{configurations[row, y, x]} at site ({y}, {x})"
            raise InputError("configurations", "spins", "spins +-1", value)
        return configurations, ""

    def at(self, condition: Mapping[str, Any]) -> "Ising":
        """The same model at other parameters, or on another lattice."""
        return from_settings({**self.parameters, **condition})

    def exact_values(self) -> list[dict[str, Any]]:
        """None are known here."""
        return []


class SolvedIsing(Ising):
    """An Ising model whose Z is known: on the square lattice without frustration, and on narrow tori."""

    @cached_property
    def exact(self) -> LogPartition:
        """Ln Z with its derivatives in K."""
        if self.bond == 0:
            return self._free()
        if _kaufman(self.bond, self.lattice, self.site_shape):
            solved = kaufman.square_torus(abs(self.bond), self.site_shape)
            # On two sublattices the sign of J is a matter of names.
            return solved._replace(slope=math.copysign(solved.slope, self.bond))
        return transfer_matrix.log_partition(self.bond, self.site_shape, self.lattice)

    def log_partition(self) -> float:
        """Ln Z, the sum over all states: log q of a model is that of a probability."""
        return self.exact.value

    def exact_values(self) -> list[dict[str, Any]]:
        """Energy and specific heat."""
        sites = math.prod(self.site_shape)
        values = {
            "energy_density": -self.coupling * self.exact.slope / sites,
            "specific_heat": self.bond**2 * self.exact.curvature / sites,
        }
        return [{"observable": k, "index": 0, "value": v, "error": 0.0} for k, v in values.items()]

    def _free(self) -> LogPartition:
        """Independent spins: bonds are as often +1 as -1."""
        sites = math.prod(self.site_shape)
        bonds = sites * len(transfer_matrix.DIRECTIONS[self.lattice])
        return LogPartition(sites * math.log(2), 0.0, float(bonds))


def _kaufman(bond: float, lattice: str, shape: tuple[int, ...]) -> bool:
    """Whether the solution of the square torus holds."""
    return lattice == "square" and (bond > 0 or bipartite(shape, lattice))


def from_settings(settings: Mapping[str, Any]) -> Ising:
    """Build the system of a `system` block."""
    beta, shape = settings["beta"], tuple(settings["shape"])
    coupling, lattice = settings.get("coupling", 1.0), settings.get("lattice", "square")
    solved = (
        _kaufman(beta * coupling, lattice, shape) or shape[1] <= transfer_matrix.WIDEST or not beta * coupling
    )
    return (SolvedIsing if solved else Ising)(beta, coupling, lattice, shape)
