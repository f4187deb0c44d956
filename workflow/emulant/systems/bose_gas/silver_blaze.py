"""The Silver Blaze: below the threshold the zero-temperature density is 0, although mu is in every weight.

T. D. Cohen, Phys. Rev. Lett. 91 (2003) 222001; G. Aarts, Phys. Rev. Lett. 102 (2009) 131601 [0810.2089]. On a
lattice this holds for N_tau to infinity, which the density approaches like exp(-N_tau (E_0 - mu)).
"""

from collections.abc import Callable, Iterable
from typing import Any

from emulant.errors import InputError
from emulant.randomness.seeds import job_seed
from emulant.systems.bose_gas.langevin import DEFAULT, langevin
from emulant.worldlines.action import BoseGas, Number, Observables
from emulant.worldlines.free import free_field
from emulant.worldlines.transfer_matrix import transfer_matrix
from emulant.worldlines.worldline import worldline

__all__ = ["METHODS", "silver_blaze"]


def _exact(solve: Callable) -> Callable:
    return lambda gas, **options: (Observables(*(Number(v, 0.0) for v in solve(gas, **options))), True)


def _worldline(gas: BoseGas, **options: Any) -> tuple[Observables, bool]:
    return worldline(gas, **options).observables, True


def _langevin(gas: BoseGas, **options: Any) -> tuple[Observables, bool]:
    # Errors are of second order in the step: the usual one leaves the density near threshold 3(1) % low.
    run = langevin(gas, step=DEFAULT / gas.rate / 2, **options)
    return run.real, run.trusted


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
    """Tabulate observables against mu for several extents in time.

    Arguments:
        mus: chemical potentials.
        extents: values of N_tau.
        mass, coupling: of the gas.
        space: spatial shape, empty in one dimension.
        method: "free" (no coupling, below threshold), "transfer_matrix" (one dimension), "worldline" or "langevin".
        options: of the method; every pair derives its own seed from `seed`.

    Returns:
        One row for each pair: mu, extent, each of `Observables` with its error (0 where exact), trusted.

    Raises:
        InputError: if the method is unknown or does not apply.
    """
    if method not in METHODS:
        raise InputError("silver_blaze", "method", f"one of {', '.join(METHODS)}", repr(method))
    rows, mus = [], list(mus)
    for extent in extents:
        for mu in mus:
            gas = BoseGas((*space, extent), mass, coupling, mu)
            seeds = {"seed": job_seed(options["seed"], f"{extent}", f"{mu}")} if "seed" in options else {}
            observables, trusted = METHODS[method](gas, **options | seeds)
            row = {"mu": mu, "extent": extent, "trusted": trusted}
            for name, number in observables._asdict().items():
                row |= {name: number.value, f"{name}_error": number.error}
            rows.append(row)
    return rows
