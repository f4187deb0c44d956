"""The Silver Blaze: below the threshold the zero-temperature density is 0, although mu is in every weight.

T. D. Cohen, Phys. Rev. Lett. 91 (2003) 222001; G. Aarts, Phys. Rev. Lett. 102 (2009) 131601 [0810.2089]. On a
lattice this is a limit, N_tau to infinity, which the density approaches like exp(-N_tau (E_0 - mu)).
"""

from collections.abc import Callable, Iterable
from typing import Any

from emulant.errors import InputError
from emulant.langevin.bose_gas.action import BoseGas, Number
from emulant.langevin.bose_gas.free import free_field
from emulant.langevin.bose_gas.langevin import langevin
from emulant.langevin.bose_gas.transfer_matrix import transfer_matrix
from emulant.langevin.bose_gas.worldline import worldline

__all__ = ["METHODS", "silver_blaze"]


def _exact(solve: Callable) -> Callable:
    return lambda gas, **options: (Number(solve(gas, **options).density, 0.0), True)


def _worldline(gas: BoseGas, **options: Any) -> tuple[Number, bool]:
    return worldline(gas, **options).observables.density, True


def _langevin(gas: BoseGas, **options: Any) -> tuple[Number, bool]:
    run = langevin(gas, **options)
    return run.real.density, run.trusted


METHODS = {
    "free": _exact(free_field),
    "transfer_matrix": _exact(transfer_matrix),
    "worldline": _worldline,
    "langevin": _langevin,
}


def silver_blaze(
    mus: Iterable[float],
    extents: Iterable[int],
    *,
    mass: float,
    coupling: float,
    space: tuple[int, ...] = (),
    method: str = "transfer_matrix",
    **options: Any,
) -> list[dict[str, Any]]:
    """Density against mu for growing extents in time.

    Arguments:
        mus: chemical potentials.
        extents: values of N_tau.
        mass, coupling: of the gas.
        space: spatial shape, empty in one dimension.
        method: "free" (no coupling, below threshold), "transfer_matrix" (one dimension), "worldline" or "langevin".
        options: of the method, such as its seed.

    Returns:
        One row for each pair: mu, extent, density, error (0 where exact), trusted.

    Raises:
        InputError: where the method is unknown or does not apply.
    """
    if method not in METHODS:
        raise InputError("silver_blaze", "method", f"one of {', '.join(METHODS)}", repr(method))
    rows, mus = [], list(mus)
    for extent in extents:
        for mu in mus:
            gas = BoseGas((*space, extent), mass, coupling, mu)
            density, trusted = METHODS[method](gas, **options)
            row = {"mu": mu, "extent": extent, "density": density.value, "error": density.error}
            rows.append({**row, "trusted": trusted})
    return rows
