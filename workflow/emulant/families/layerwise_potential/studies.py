"""Studies of the potentials: how well each layer obeys its equation, and what a few Metropolis steps still change."""

import math
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.families._weights import study_weights
from emulant.transport.equations import heat
from emulant.transport.metropolis import metropolis_adjusted_langevin

__all__ = ["studies"]

POINTS = 1024
"""Fields of a layer: a residual is then told to 3 %."""


@torch.no_grad()
def study_layers(system: Any, inputs: StudyInputs) -> StudyTable:
    """Evaluate the Hamilton-Jacobi-Bellman equation at every layer, on fields that the model generates with noise.

    Returns:
        Columns layer, tau, residual (centred, root mean square, over that of dS/dtau), entropy_rate (of the density in tau,
        <|grad S|^2> / 2), laplacian (<lap S> / 2, the same where the fields are those of S), and each coefficient.
    """
    (model,) = inputs.models.values()
    generator = torch.Generator().manual_seed(inputs.seed)
    count = min(POINTS, model.settings["generation"]["samples"])
    fields, _ = model.drawn(count, generator, model.settings["generation"]["steps"])
    noise = torch.randn(fields.shape, generator=generator, dtype=fields.dtype)
    rows = []
    for layer, depth in enumerate(model.network.depths):
        tau = model.network.time(depth)
        jet = model.flow.jet(fields + math.sqrt(tau) * noise, depth)
        residual, slope = (values - values.mean() for values in (heat.action_residual(jet), jet.slope))
        row = {
            "layer": layer,
            "tau": tau,
            "residual": float((residual.square().mean() / slope.square().mean()).sqrt()),
        }
        row["entropy_rate"] = 0.5 * float(jet.gradient.square().flatten(1).sum(1).mean())
        row["laplacian"] = 0.5 * float(jet.laplacian.mean())
        coefficients = model.network.values[layer].tolist()
        rows.append(row | dict(zip(model.operators.names, coefficients, strict=True)))
    table = pd.DataFrame(rows)
    return StudyTable(table, {"largest_residual": float(table["residual"].max())})


@torch.no_grad()
def study_closure(system: Any, inputs: StudyInputs) -> StudyTable:
    """Follow V<M^2>, <phi^2> and <S>/V of generated fields through Metropolis-adjusted Langevin steps on S.

    The steps leave exp(-S) alone, so that a field keeps the weight that it began with: <w f> is exact before them and after
    them, and <f> - <w f> of the same fields is the error that is left, told far more precisely than f itself.

    Returns:
        Columns steps, variant (`raw` and `metropolis`, or `weighted`: the raw ones by their weights, which are exact),
        quantity, value, error, bias (of the value, by the weights) and its error.
    """
    (model,) = inputs.models.values()
    generation, steps = model.settings["generation"], inputs.settings["steps"]
    generator = torch.Generator().manual_seed(inputs.seed)
    fields, log_q = model.drawn(generation["samples"], generator, generation["steps"])
    log_weight = (-system.action(fields) - log_q).numpy()
    weight = np.exp(log_weight - log_weight.max())
    closure = metropolis_adjusted_langevin(
        fields, system.action, system.gradient, model.measure, steps=steps, generator=generator
    )
    rows = [
        *_rows(system, fields, weight, steps=0, variant="raw"),
        *_rows(system, fields, weight, steps=0, variant="weighted"),
        *_rows(system, closure.fields, weight, steps=steps, variant="metropolis"),
    ]
    return StudyTable(pd.DataFrame(rows), {"acceptance": closure.acceptance})


def _rows(
    system: Any, fields: Tensor, weight: np.ndarray, *, steps: int, variant: str
) -> list[dict[str, Any]]:
    """Averages of the three quantities, by weight or not, with their errors and by how much they are wrong."""
    flat = fields.flatten(1)
    quantities = {
        "susceptibility": flat.shape[1] * flat.mean(1).square(),
        "field_squared": flat.square().mean(1),
        "action_density": system.action(fields) / flat.shape[1],
    }
    exact = weight / weight.sum()
    share = exact if variant == "weighted" else np.full(len(weight), 1 / len(weight))
    rows = []
    for name, tensor in quantities.items():
        values = tensor.numpy()
        value = float(share @ values)
        numbers = {"value": value, "error": _spread(share, values - value)}
        excess = share - exact
        bias = {"bias": float(excess @ values), "bias_error": _spread(excess, values - value)}
        rows.append({"steps": steps, "variant": variant, "quantity": name, **numbers, **bias})
    return rows


def _spread(share: np.ndarray, deviation: np.ndarray) -> float:
    """Error of a sum of independent terms."""
    return float(np.sqrt(((share * deviation) ** 2).sum()))


studies = {"weights": study_weights, "layers": study_layers, "closure": study_closure}
