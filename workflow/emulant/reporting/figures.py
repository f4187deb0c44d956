"""Figures of every experiment, beside those of its form and of its system."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.figure import Figure, Results
from emulant.contracts.source import REFERENCE, Source, of_source, sources_in
from emulant.plots.carried import couplings, lattices
from emulant.plots.cumulants import cumulants_along_path
from emulant.plots.distributions import distributions
from emulant.plots.layers import layers
from emulant.plots.likelihood import likelihood
from emulant.plots.pulls import pulls
from emulant.plots.residuals import residuals
from emulant.plots.style import look_of
from emulant.plots.training import training_curves
from emulant.reporting.joint import every_test

__all__ = ["first_figures", "last_figures"]


def _pulls(results: Results) -> Iterator[tuple[str, Any]]:
    comparison, verdicts = results.table("comparison"), results.table("verdict")
    if len(comparison) and comparison["pull"].notna().any():
        # What lacks a step of its generation is beyond any frame.
        shown = [source for source in sources_in(comparison) if source.raw or source.corrected]
        rows = _ordered(every_test(comparison, results.table("two_sample")), results, shown)
        yield "pulls", pulls(rows, _limit(verdicts, results), results.models, results.observables)


def _limit(verdicts: pd.DataFrame, results: Results) -> float:
    """The largest limit of the models as generated; of all sources where there are no models."""
    models = verdicts["model"].isin(results.models) & (verdicts["variant"] == "")
    return float(verdicts.loc[models if models.any() else slice(None), "limit"].max())


def _ordered(table: pd.DataFrame, results: Results, sources: list[Source]) -> pd.DataFrame:
    """Rows of these sources: of each model the raw one first, observables in the order of the system."""
    names = [*results.observables, *dict.fromkeys(table["observable"])]
    parts = [of_source(table, source) for source in sorted(sources, key=lambda s: _position(s, results))]
    order = {name: number for number, name in reversed([*enumerate(names)])}
    return pd.concat(
        [
            part.sort_values("observable", key=lambda column: column.map(order), kind="stable")
            for part in parts
        ]
    )


def _position(source: Source, results: Results) -> tuple[int, str]:
    """Where a source stands: reference and training first, then models in their order, raw ones first."""
    return (results.models.index(source.model) if source.model in results.models else -1, source.variant)


def _distributions(results: Results) -> Iterator[tuple[str, Any]]:
    table = results.table("distributions")
    if len(table):
        sources = [source for source in results.raw() if source in sources_in(table)]
        measured = set(table["quantity"])
        quantities = {name: quantity for name, quantity in results.quantities.items() if name in measured}
        yield "distributions", distributions(table, sources, results.models, quantities)


def _cumulants(results: Results) -> Iterator[tuple[str, Any]]:
    forward, trajectories = results.table("forward"), results.tables("trajectory")
    if len(forward) and set(forward["path"]) & {source.name for source in trajectories}:
        yield "cumulants", cumulants_along_path(forward, trajectories, results.models)


def _likelihood(results: Results) -> Iterator[tuple[str, Any]]:
    tables, records = results.tables("likelihood"), results.records("correction")
    keys = ("slope", "slope_error")
    slopes = {source: tuple(records.get(source, {}).get(key, np.nan) for key in keys) for source in tables}
    if tables:
        yield "likelihood", likelihood(tables, slopes, results.models)


def _residuals(results: Results) -> Iterator[tuple[str, Any]]:
    for source, table in results.tables("pde_residual").items():
        yield f"pde_residual_{source.name}", residuals(table, look_of(source, results.models))


def _layers(results: Results) -> Iterator[tuple[str, Any]]:
    if tables := results.tables("layers"):
        yield "layers", layers(tables, results.models)


def _couplings(results: Results) -> Iterator[tuple[str, Any]]:
    if tables := results.tables("couplings"):
        yield "couplings", couplings(tables, results.models)


def _lattices(results: Results) -> Iterator[tuple[str, Any]]:
    if tables := results.tables("lattices"):
        yield "lattices", lattices(tables, results.models)


def _training(results: Results) -> Iterator[tuple[str, Any]]:
    # A model that is fitted in one go has one row, which is no curve.
    if curves := {source: rows for source, rows in results.tables("training").items() if len(rows) > 1}:
        yield "training", training_curves(curves, results.models)


first_figures = {
    "pulls": Figure(
        _pulls,
        "Pulls",
        "Difference over combined error, for every observable and every source. A source passes if the worst of its"
        " tests stays in the band, which a right one leaves in one of a hundred experiments, all its tests counted."
        " Open symbols are corrected ensembles; arrows lie beyond the frame. Numbers of one set (a correlator, a"
        " spectrum, cumulants) are correlated and judged together through their covariance: small ones are no"
        " tests of their own, and the set, marked “together”, may fail where each of them lies inside. It has no sign,"
        " and stands where a Gaussian has its p-value. The last block are tests that know no physics.",
    )
}
last_figures = {
    "distributions": Figure(
        _distributions,
        "Distributions",
        "Probability densities of the quantities named on the axes, on linear and logarithmic scales. The"
        f" grey band is the {REFERENCE.name} with its error; what lies outside the frame counts in the normalisation"
        " alone. Below, deviations from the reference in combined errors, with a band of ±2; triangles lie beyond 12,"
        " and bins where the reference is too poor for a Gaussian error are left out.",
    ),
    "cumulants": Figure(
        _cumulants,
        "Cumulants along the path",
        "One-site cumulants in units of the field's root mean square. Lines: the exact laws κ₂(t) = κ₂(0) f² + Ξ and"
        " κₙ(t) = κₙ(0) fⁿ. Squares: the forward process on reference configurations. Dots: the backward process of"
        " the model. Points whose error exceeds the range are left out.",
    ),
    "likelihood": Figure(
        _likelihood,
        "Likelihood against the action",
        "−log q of generated configurations against their action, means removed. An exact model lies on the line of"
        " slope one; the scatter about it is what reweighting has to repair.",
    ),
    "pde_residual": Figure(
        _residuals,
        "Residual of the Fokker–Planck equation",
        "What is left of the equation that the score of any law obeys along the path, over the size of its time"
        " derivative: zero where a model is consistent from one noise to the next, whatever its data. On lattices also"
        " by momenta, the zero mode first. Right, the mean residual at sites by their field.",
    ),
    "layers": Figure(
        _layers,
        "Layers of the potential",
        "Left, what is left of the Hamilton–Jacobi–Bellman equation at each level of noise, over the size of its time"
        " derivative. Right, the production of entropy, ⟨abs(∇S)²⟩/2; the grey line is ⟨ΔS⟩/2, the same where the fields"
        " are those of S.",
    ),
    "couplings": Figure(
        _couplings,
        "Other couplings",
        "The same weights at other values of a parameter, those of the training filled: effective part of the samples, and"
        " −ln Z, whose errors are smaller than the symbols where the effective part is large.",
    ),
    "lattices": Figure(
        _lattices,
        "Other lattices",
        "The same weights on other lattices, as they are (open) and after further rounds of the fit there (filled). The"
        " dotted lines are exp(−cV) through the largest lattice: what one loss of each site would give.",
    ),
    "training": Figure(
        _training,
        "Training",
        "Loss of the running weights, and of the averaged weights on held-out configurations.",
    ),
}
