"""Study `pde_residual`: whether the score of a model obeys the Fokker-Planck equation of its path, and where it does not.

Of an exact score dS/dt and the right side of its equation (`transport.equations.fokker_planck`) are the same; what is left
is divided by the root mean square of the time derivative. It vanishes for the score of any data: it says how consistent a
model is from one noise level to the next, and how much of a gradient its score is, not that its data are right.
"""

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from emulant.contracts.study import Study, StudyInputs, StudyTable
from emulant.contracts.system import HasGaussianStart
from emulant.forms import open_samples
from emulant.scalar.fields import half_spectrum, mode_shells
from emulant.transport.equations.fokker_planck import score_residual
from emulant.transport.equations.jets import vector_jet
from emulant.transport.equations.traces import Probes

__all__ = ["residual_study", "study_pde_residual"]

EXACT_SITES, SIGNS = 2, 4
"""Sites up to which the trace is exact, and random signs of each of two estimates beyond."""
STEP = 0.05
"""Of differences in the logarithm of the noise: their error is 1e-6 of the slope; models round the noise to float32."""
BINS, REACH = 12, 3.0
"""Bins of the field at a site, and where they end in units of its root mean square: 3 in 1000 of a Gaussian lie beyond."""


Units = Callable[[Any, Tensor], Tensor]
Score = Callable[[Any], Callable[[Tensor, float], Tensor]]


def residual_study(units: Units, score: Score) -> Study:
    """Make the study of a family.

    Arguments:
        units: model (`HasScore`, `HasForwardPath`), fields -> fields in the units of the path.
        score: model -> its score, which torch can differentiate twice.
    """

    def study(system: Any, inputs: StudyInputs) -> StudyTable:
        """Compute residuals at the noise of the settings, on the reference with noise.

        Returns:
            Columns noise (over the signal, in units of the path), t, part, index, position, residual, error. Part `all`:
            root mean square over that of the time derivative. Part `shell`, of lattices: the same in each shell of
            momenta, at |k|. Part `field`: mean at sites with the field at `position`, in units of its root mean square.
        """
        (trained,) = inputs.models.values()
        # In single precision the score at little noise s is uncertain by 1e-7 / s^2, and its slope by twenty times as much.
        model = copy.deepcopy(trained).double()
        with open_samples(inputs.reference, system) as reference:
            count = max(1, inputs.settings["sites"] // math.prod(system.site_shape))
            fields = units(model, torch.from_numpy(reference.read(0, count)).double())
        generator = torch.Generator().manual_seed(inputs.seed)
        rows = []
        for noise in inputs.settings["noise"]:
            t = float(model.path.time_of_ratio(float(noise)))
            parts = _residuals(model.path, score(model), fields, t, generator, _shells(system))
            rows += [{"noise": float(noise), "t": t, **row} for row in parts]
        table = pd.DataFrame(rows)
        whole = table[table["part"] == "all"]
        record = {f"noise {row.noise:g}": row.residual for row in whole.itertuples()}
        return StudyTable(table, record)

    return study


study_pde_residual = residual_study(
    lambda model, fields: fields / model.field_unit(), lambda model: model.score
)


def _shells(system: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """Weights (modes, shells) that average modes over shells of momenta, and |k| of each; of fields on a torus alone."""
    if not isinstance(system, HasGaussianStart):
        return None
    shape = system.site_shape
    weights, (vectors, _) = mode_shells(shape), half_spectrum(shape)
    return weights, np.linalg.norm(2 * np.pi * vectors / np.array(shape), axis=1) @ weights


def _residuals(
    path: Any,
    score: Callable[[Tensor, float], Tensor],
    fields: Tensor,
    t: float,
    generator: torch.Generator,
    shells: tuple[np.ndarray, np.ndarray] | None,
) -> list[dict[str, Any]]:
    """Rows of every part at one time."""
    x = path.perturb(fields, t, torch.randn(fields.shape, generator=generator, dtype=fields.dtype))
    step = float(path.time_of_ratio(float(path.ratio(t)) * math.exp(STEP))) - t
    exact = x[0].numel() <= EXACT_SITES
    probes = [Probes.units(x)] if exact else [Probes.signs(x, SIGNS, generator) for _ in range(2)]
    jets = [vector_jet(score, x, t, probe, step=step) for probe in probes]
    one, two = (score_residual(path, jet, x, t).double() for jet in (jets[0], jets[-1]))
    slope = jets[0].slope.double()
    rows = [{"part": "all", "index": 0, "position": math.nan, **_ratio(_sites(one * two), _sites(slope**2))}]
    if shells is not None:
        powers = (_power(one, two) @ shells[0], _power(slope, slope) @ shells[0])
        for index, (size, *columns) in enumerate(zip(shells[1], *(p.T for p in powers), strict=True)):
            rows.append({"part": "shell", "index": index, "position": size, **_ratio(*columns)})
    return rows + _by_field(x.double(), 0.5 * (one + two), slope)


def _ratio(residual: np.ndarray, slope: np.ndarray) -> dict[str, float]:
    """Root of the ratio of two means over fields (N,), and its error.

    Two independent estimates of a trace make the product of residuals right on average, so that it may be negative where
    the residual is small beside their noise; the root is then 0, with the error that a root of this error has.
    """
    mean = slope.mean()
    ratio = residual.mean() / mean
    spread = (residual - ratio * slope) / mean
    error = spread.std(ddof=1) / math.sqrt(len(spread)) if len(spread) > 1 else math.nan
    root = math.sqrt(max(ratio, 0.0))
    return {"residual": root, "error": error / (2 * root) if root**2 > error else math.sqrt(error)}


def _sites(values: Tensor) -> np.ndarray:
    """Sum over sites, (N,)."""
    return values.flatten(1).sum(1).numpy()


def _power(one: Tensor, two: Tensor) -> np.ndarray:
    """Products of the modes of two fields in the layout of the half spectrum, (N, modes)."""
    dims = tuple(range(1, one.ndim))
    modes = (torch.fft.rfftn(values, dim=dims, norm="ortho") for values in (one, two))
    first, second = modes
    return (first.conj() * second).real.flatten(1).numpy()


def _by_field(x: Tensor, residual: Tensor, slope: Tensor) -> list[dict[str, Any]]:
    """Mean residual at sites where the field lies in a bin, in units of the slope's root mean square."""
    scaled = (x / x.square().mean().sqrt()).flatten().numpy()
    values = (residual / slope.square().mean().sqrt()).flatten().numpy()
    edges = np.linspace(-REACH, REACH, BINS + 1)
    rows = []
    for index, (low, high) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        inside = values[(scaled >= low) & (scaled < high)]
        if len(inside) > 1:
            error = inside.std(ddof=1) / math.sqrt(len(inside))
            row = {"part": "field", "index": index, "position": 0.5 * (low + high)}
            rows.append({**row, "residual": inside.mean(), "error": error})
    return rows
