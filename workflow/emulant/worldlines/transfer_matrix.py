r"""Exact solution in one dimension: the transfer matrix of a particle in a plane, in each charge sector.

With phi = r e^{i theta}, exp(2 r r' cos(Delta - i mu)) = sum_q I_q(2 r r') e^{q mu} e^{i q Delta} splits the trace:

.. math:: Z = \sum_q e^{q \mu N_\tau}\, \mathrm{Tr}\, T_q^{N_\tau}, \qquad
    T_q(r, r') = 2\pi \sqrt{r r'}\, e^{-V(r)/2 - V(r')/2} I_{|q|}(2 r r'), \quad V = \eta r^2 + \lambda r^4,

n = <q>. Radii are Gauss-Legendre nodes; T_q is symmetric, and its eigenvectors give <|phi|^2> and <|phi|^4>.
"""

import math

import numpy as np
from scipy.special import ive

from emulant.errors import InputError
from emulant.worldlines.action import BoseGas, Observables

__all__ = ["log_partition", "radial_nodes", "transfer_matrix"]

# Depth in the effective potential at which radii end: e^-48 = 1e-21.
NEGLIGIBLE = 48.0
# Fewest radial nodes; `radial_nodes` takes more for a wide range.
NODES = 80


def transfer_matrix(gas: BoseGas) -> Observables:
    """Compute exact observables in d = 1, to about 10 digits.

    Raises:
        InputError: if the lattice has a spatial direction.
    """
    if gas.dimension != 1:
        raise InputError("transfer matrix", "shape", "one direction", gas.shape)
    radii, weights = radial_nodes(gas)
    logs, charges, moments = [], [], []
    for q, log, moment in _sectors(gas, radii, weights):
        logs.append(log)
        charges.append(q)
        moments.append(moment)
    probability = np.exp(np.array(logs) - max(logs))
    probability /= probability.sum()
    squared, fourth = probability @ np.array(moments)
    # Positive and negative charges are summed as pairs, so that mu = 0 gives zero and not rounding.
    order = np.argsort(np.abs(charges), kind="stable")
    return Observables(
        float(np.dot(probability[order], np.array(charges)[order])), float(squared), float(fourth)
    )


def log_partition(gas: BoseGas) -> float:
    """Compute ln Z of the sum over integers on the links in d = 1: that of the field less ln 2 pi for each site."""
    radii, weights = radial_nodes(gas)
    logs = np.array([log for _, log, _ in _sectors(gas, radii, weights)])
    return float(logs.max() + math.log(np.exp(logs - logs.max()).sum()) - gas.volume * math.log(2 * math.pi))


def radial_nodes(gas: BoseGas) -> tuple[np.ndarray, np.ndarray]:
    """Compute nodes and weights up to the radius beyond which exp(-V_eff) is negligible."""
    slope = gas.eta - 2 * (gas.dimension - 1) - 2 * math.cosh(gas.mu)
    bottom = slope**2 / (4 * gas.coupling) if slope < 0 else 0.0
    depth = NEGLIGIBLE + bottom
    square = 2 * depth / (slope + math.sqrt(slope**2 + 4 * gas.coupling * depth))
    reach = math.sqrt(square)
    # The kernel varies over 1 / sqrt(eta), the ground state over less at strong coupling.
    count = max(NODES, math.ceil(5 * reach * math.sqrt(gas.eta)))
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return reach * (nodes + 1) / 2, reach * weights / 2


def _sectors(gas: BoseGas, radii: np.ndarray, weights: np.ndarray):
    """Yield charge, log of its weight, and <r^2>, <r^4> in its sector, until further charges are negligible."""
    product = 2 * np.outer(radii, radii)
    root = np.sqrt(2 * np.pi * radii * weights)
    potential = gas.eta * radii**2 + gas.coupling * radii**4
    envelope = np.outer(root, root) * np.exp(product - (potential[:, None] + potential) / 2)
    largest, previous = -np.inf, -np.inf
    for q in range(100_000):
        eigenvalues, vectors = np.linalg.eigh(envelope * ive(q, product))
        if eigenvalues[-1] <= 0:
            return
        powers = np.maximum(eigenvalues / eigenvalues[-1], 0) ** gas.extent
        log = gas.extent * math.log(eigenvalues[-1]) + math.log(powers.sum())
        shape = (vectors**2) @ powers / powers.sum()
        moment = (shape @ radii**2, shape @ radii**4)
        for sign in (1, -1) if q else (1,):
            yield sign * q, log + sign * q * gas.mu * gas.extent, moment
        log_share = log + q * abs(gas.mu) * gas.extent
        # e^-45 = 3e-20 of the largest sector is below rounding, and weights fall from here on.
        if log_share < previous and log_share < largest - 45:
            return
        largest, previous = max(largest, log_share), log_share
