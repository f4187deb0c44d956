r"""Layer by layer: the coefficients that make the residual of the Hamilton-Jacobi-Bellman equation smallest.

With S_tau = phi (C + tau)^{-1} phi / 2 + U_tau(y), y = G phi, and U a sum of operators of y, the equation of S becomes

.. math:: \partial_\tau U(y) = \tfrac12 \Big[\mathrm{tr}\, G^2 \partial_y^2 U - |G\, \partial_y U|^2\Big]

at fixed y (J. Polchinski, Nucl. Phys. B 231 (1984) 269): the Gaussian is exact, and nothing cancels at large tau. The right
side at points of the present typical set, centred since the normaliser is not known, is projected on the operators by least
squares, which gives their slopes; these are integrated by the Runge-Kutta method from the action itself at tau = 0.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from emulant.families.layerwise_potential.layers import Layers
from emulant.families.layerwise_potential.operators import Operators
from emulant.transport.equations.jets import dot

__all__ = ["Fit", "fit_layers", "least_squares"]

RIDGE = 1e-10
"""Of the least squares in units of a column's variance: points have no noise, and operators become alike as y shrinks."""


class Fit(NamedTuple):
    """What was fitted.

    Attributes:
        values, slopes: of the layers, (layers + 1, operators).
        residual: of the action itself at tau = 0, its deviation in units of that of the interaction.
    """

    values: Tensor
    slopes: Tensor
    residual: float


def fit_layers(
    operators: Operators, layers: Layers, fields: Tensor, interaction: Tensor, noise: Tensor
) -> Fit:
    """Fit all layers.

    Arguments:
        operators: of the potential.
        layers: their depths.
        fields: typical ones of tau = 0, (N, *shape) float64.
        interaction: S less that of the Gaussian, (N,).
        noise: standard normal, the shape of `fields`; with it they are typical of any tau.
    """
    empty = torch.zeros(len(operators), dtype=fields.dtype, device=fields.device)
    coefficients, residual = least_squares(operators.evaluate(fields, empty, 0.0).values, interaction)

    def slope(theta: Tensor, depth: float) -> Tensor:
        tau = layers.time(depth)
        y = operators.filtered(fields + math.sqrt(tau) * noise, operators.gain(tau))
        part = operators.evaluate(y, theta, tau)
        pull = operators.filtered(part.force, operators.gain(tau))
        rate, _ = least_squares(part.values, 0.5 * (part.traces @ theta - dot(pull, pull)))
        return rate * (tau + layers.softening)

    values, slopes = [coefficients], [slope(coefficients, 0.0)]
    for depth, after in zip(layers.depths, layers.depths[1:], strict=False):
        step, middle = after - depth, 0.5 * (depth + after)
        second = slope(values[-1] + 0.5 * step * slopes[-1], middle)
        third = slope(values[-1] + 0.5 * step * second, middle)
        fourth = slope(values[-1] + step * third, after)
        values.append(values[-1] + step / 6 * (slopes[-1] + 2 * (second + third) + fourth))
        slopes.append(slope(values[-1], after))
    return Fit(torch.stack(values), torch.stack(slopes), residual)


def least_squares(columns: Tensor, target: Tensor) -> tuple[Tensor, float]:
    """Fit a target (N,) by columns (N, operators) up to a constant; returns coefficients and the part that is left."""
    columns, target = columns - columns.mean(0), target - target.mean()
    scale = columns.square().mean(0).sqrt()
    scale = torch.where(scale > 0, scale, 1.0)
    columns = columns / scale
    normal = columns.T @ columns / len(columns)
    normal.diagonal().add_(RIDGE)
    solution = torch.linalg.solve(normal, columns.T @ target / len(columns))
    size = float(target.square().mean().sqrt())
    left = float((target - columns @ solution).square().mean().sqrt())
    return solution / scale, left / size if size else 0.0
