"""What every flow of gauge links begins with: links of the Haar measure, their plaquettes, and the system's coupling."""

import math

import torch
from torch import Tensor

from emulant.contracts.system import HasAction, HasPlaquettes, System
from emulant.errors import InputError
from emulant.gauge.arrays import wrapped
from emulant.gauge.plaquettes import plaquette_sums

__all__ = ["drawn_angles", "free_coupling", "latent_angles", "with_response"]


def free_coupling(system: System, family: str) -> float:
    """Return the coupling of free plaquettes near the law of a system.

    Raises:
        InputError: for a system without plaquettes, or whose coupling is not positive.
    """
    for contract in (HasAction, HasPlaquettes):
        if not isinstance(system, contract):
            expected = f"what {contract.__name__} of contracts/system.py has"
            raise InputError(f"system {system.kind}", family, expected, "none")
    coupling = system.plaquette_coupling
    if not coupling > 0:
        expected = f"a positive coupling of plaquettes for {family}"
        raise InputError(f"system {system.kind}", "beta", expected, coupling)
    return coupling


def drawn_angles(count: int, shape: tuple[int, ...], generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw links of the Haar measure (count, *shape) float64 and a spare angle each, (count,), on the CPU."""
    numbers = math.prod(shape) + 1
    uniform = torch.rand(count, numbers, generator=generator, dtype=torch.float64, device=generator.device)
    angles = (2 * math.pi * uniform - math.pi).cpu()
    return angles[:, :-1].reshape(count, *shape), angles[:, -1]


def latent_angles(links: Tensor, spare: Tensor) -> Tensor:
    """Plaquettes of links (N, *site_shape) with the last, which the others tell, replaced by the spare angle, (N, V)."""
    uniform = wrapped(plaquette_sums(links)).flatten(1)
    return torch.cat([uniform[:, :-1], spare[:, None]], 1)


def with_response(excess: Tensor, response: Tensor, parameter: Tensor) -> Tensor:
    """Average log q + S, (N,), with its gradient by a parameter of the start on which no sample depends, a scalar.

    It is the covariance with the derivative of the start's ln q at fixed plaquettes, `response` (N,). It is right where
    maps of uniform angles jump too, which derivatives of samples do not see.
    """
    detached = excess.detach()
    slope = ((detached - detached.mean()) * response).mean()
    return excess.mean() + slope * (parameter - parameter.detach())
