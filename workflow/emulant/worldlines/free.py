r"""Exact free Bose gas, lambda = 0, on a finite lattice: a sum over spatial momenta, with time in closed form.

With 2 cosh E_k = 2 + m^2 + sum_j (2 - 2 cos k_j) and n_\pm = 1 / (exp(N_tau (E_k \mp mu)) - 1),

.. math:: n = \frac{1}{V_s} \sum_k (n_+ - n_-), \qquad
    \langle|\phi|^2\rangle = \frac{1}{V_s} \sum_k \frac{1 + n_+ + n_-}{2 \sinh E_k},

from (1/N) sum_p 1 / (2 cosh E - 2 cos(p - i mu)) over the Matsubara frequencies p = 2 pi j / N.
"""

import numpy as np

from emulant.errors import InputError
from emulant.worldlines.action import BoseGas, Observables

__all__ = ["energies", "free_field"]


def energies(gas: BoseGas) -> np.ndarray:
    """Compute the energy E_k of the lattice particle at every spatial momentum, (V_s,)."""
    momenta = np.meshgrid(
        *[2 * np.pi * np.arange(length) / length for length in gas.shape[:-1]], indexing="ij"
    )
    squared = gas.mass**2 + sum((4 * np.sin(k / 2) ** 2 for k in momenta), np.zeros(gas.shape[:-1]))
    return 2 * np.arcsinh(np.sqrt(squared) / 2).ravel()


def free_field(gas: BoseGas) -> Observables:
    """Compute exact observables without coupling, below threshold; <|phi|^4> = 2 <|phi|^2>^2.

    Raises:
        InputError: if the coupling is not 0.
    """
    if gas.coupling != 0:
        raise InputError("free field", "coupling", "0", gas.coupling)
    energy = energies(gas)
    particles, antiparticles = (1 / np.expm1(gas.extent * (energy - sign * gas.mu)) for sign in (1, -1))
    density = float(np.mean(particles - antiparticles))
    squared = float(np.mean((1 + particles + antiparticles) / (2 * np.sinh(energy))))
    return Observables(density, squared, 2 * squared**2)
