"""What the equations need of an action or of a vector field at given points and one time: its derivatives.

Closed forms fill these records themselves (`gaussian`); functions that torch can differentiate go through `scalar_jet` and
`vector_jet`. Derivatives in time are differences of fourth order, as a learned model takes its time as a number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from emulant.transport.equations.traces import Probes, gradient_of

__all__ = ["STEP", "ScalarJet", "VectorJet", "dot", "scalar_jet", "time_slope", "vector_jet"]

STEP = 1e-3
"""Of a difference in time: of fourth order, its error and the rounding of float64 are both about 1e-12."""

Function = Callable[[Tensor, float], Tensor]


@dataclass(frozen=True)
class ScalarJet:
    """Derivatives of a scalar S(x, t).

    Attributes:
        slope: dS/dt, (N,).
        gradient: dS/dx, (N, *site_shape).
        laplacian: (N,).
    """

    slope: Tensor
    gradient: Tensor
    laplacian: Tensor


@dataclass(frozen=True)
class VectorJet:
    """Derivatives of a vector field v(x, t) with the Jacobian J_ij = dv_i/dx_j.

    Attributes:
        value: v, (N, *site_shape).
        slope: dv/dt, (N, *site_shape).
        divergence: (N,).
        divergence_gradient: (N, *site_shape); of a gradient field it is the Laplacian of v.
        pulled: w -> J^T w.
        pushed: w -> J w = (w . grad) v.
    """

    value: Tensor
    slope: Tensor
    divergence: Tensor
    divergence_gradient: Tensor
    pulled: Callable[[Tensor], Tensor]
    pushed: Callable[[Tensor], Tensor]


def scalar_jet(
    function: Function, x: Tensor, t: float, probes: Probes | None = None, *, step: float = STEP
) -> ScalarJet:
    """Differentiate a scalar function (x, t) -> (N,) at points x (N, *site_shape).

    Arguments:
        function: which torch can differentiate twice in x.
        x: points.
        t: time.
        probes: of the Laplacian; every unit vector by default.
        step: of differences in time.
    """
    leaf = x.detach().requires_grad_()
    with torch.enable_grad():
        values = function(leaf, t)
        gradient = gradient_of(values, leaf, torch.ones_like(values))
        laplacian = (probes or Probes.units(x)).divergence(gradient, leaf)
    with torch.no_grad():
        slope = time_slope(lambda time: function(x, time), t, step)
    return ScalarJet(slope, gradient.detach(), laplacian.detach())


def vector_jet(
    function: Function, x: Tensor, t: float, probes: Probes | None = None, *, step: float = STEP
) -> VectorJet:
    """Differentiate a vector field (x, t) -> the shape of x; arguments as of `scalar_jet`."""
    leaf = x.detach().requires_grad_()
    with torch.enable_grad():
        values = function(leaf, t)
        divergence = (probes or Probes.units(x)).divergence(values, leaf)
        divergence_gradient = gradient_of(divergence, leaf, torch.ones_like(divergence))
    slope = time_slope(lambda time: function(x, time).detach(), t, step)

    def pulled(w: Tensor) -> Tensor:
        return gradient_of(values, leaf, w).detach()

    def pushed(w: Tensor) -> Tensor:
        cotangent = torch.zeros_like(values, requires_grad=True)
        return gradient_of(gradient_of(values, leaf, cotangent), cotangent, w).detach()

    parts = (values, slope, divergence, divergence_gradient)
    return VectorJet(*(part.detach() for part in parts), pulled, pushed)


def time_slope(function: Callable[[float], Any], t: float, step: float = STEP) -> Any:
    """Compute df/dt by central differences of fourth order."""
    near = function(t + step) - function(t - step)
    far = function(t + 2 * step) - function(t - 2 * step)
    return (8 * near - far) / (12 * step)


def dot(one: Tensor, other: Tensor) -> Tensor:
    """Add up products over all sites, (N,)."""
    return (one * other).flatten(1).sum(1)
