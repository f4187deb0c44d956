"""Figures of posteriors: whether the draws of each model are calibrated, and what they look like."""

from collections.abc import Callable, Iterator
from typing import Any

from emulant.contracts.figure import Figure, Results
from emulant.contracts.source import REFERENCE
from emulant.inference.draws import draws_of
from emulant.plots.emulators import predictive, sensitivity, validation
from emulant.plots.posteriors import corner, coverage, intervals, ranks, recovery
from emulant.plots.symbols import parameter

__all__ = ["figures"]

EVERY = 2**31
"""More samples than a file has: all of them."""


def _drawn(results: Results) -> dict[Any, Any]:
    """Truth and draws of each model."""
    samples = dict(results.first_samples(results.raw(), EVERY))
    reference = samples.pop(REFERENCE)
    sorted_draws = {source: draws_of(reference, pairs) for source, pairs in samples.items()}
    return {source: (draws.truth, draws.draws) for source, draws in sorted_draws.items()}


def _of(figure: str, draw: Callable[..., Any]) -> Callable[[Results], Iterator[tuple[str, Any]]]:
    """Draw a figure where there is a model."""

    def drawn(results: Results) -> Iterator[tuple[str, Any]]:
        if posteriors := _drawn(results):
            names = [parameter(name) for name in results.system.prior.names]
            yield figure, draw(posteriors, names, results.models)

    return drawn


def _validation(results: Results) -> Iterator[tuple[str, Any]]:
    if tables := results.tables("emulator"):
        with_samples = dict(results.first_samples(results.raw(), EVERY))
        yield "emulator_validation", validation(tables, len(with_samples[REFERENCE]), results.models)


def _sensitivity(results: Results) -> Iterator[tuple[str, Any]]:
    for source, table in results.tables("emulator").items():
        yield f"sensitivity_{source.name.replace('/', '_')}", sensitivity(table)


def _predictive(results: Results) -> Iterator[tuple[str, Any]]:
    if tables := results.tables("predictive"):
        yield "predictive", predictive(tables, results.models)


def _measured(results: Results) -> Iterator[tuple[str, Any]]:
    if tables := results.tables("measured"):
        yield "measured", intervals(tables, results.models)


figures = {
    "measured": Figure(
        _measured,
        "The posterior of the measured values",
        "Mean, deviation (thick) and central 95 % of each parameter; the grey bar is as wide as two deviations of the prior."
        " The numbers stand in measured.csv.",
    ),
    "ranks": Figure(
        _of("ranks", ranks),
        "Simulation-based calibration",
        "Ranks of the true parameters among the draws of their posteriors. Right ones are flat within the band (99 % of the"
        " bins); a hill is too wide, a valley too narrow, a slope lies to one side.",
    ),
    "coverage": Figure(
        _of("coverage", coverage),
        "Coverage",
        "How often the truth lies in central intervals, less their credibility; the band holds 95 % at each credibility."
        " Below it posteriors are too narrow.",
    ),
    "recovery": Figure(
        _of("recovery", recovery),
        "Recovered parameters",
        "Means and standard deviations of posteriors against the parameters that observations were simulated with.",
    ),
    "corner": Figure(
        _of("corner", corner),
        "The posterior of one observation",
        "Draws of each model for the first observation; the cross is the truth.",
    ),
    "emulator_validation": Figure(
        _validation,
        "The emulator on held-out points",
        "R², and mean and root mean square of z = (observation − prediction) / error of every observable; an honest emulator"
        " has 0 and 1. Bars are errors of the mean, with what all predictions share by the design; the band is two errors of"
        " so many points.",
    ),
    "sensitivity": Figure(
        _sensitivity,
        "What each observable feels",
        "Total share of the variance of each observable under the prior that is due to each parameter, by the emulator.",
    ),
    "predictive": Figure(
        _predictive,
        "Posterior predictive checks",
        "The first observations from the mean of the replicas that their posterior predicts, in deviations of these; p is"
        " the share of replicas that lie farther out. Where a posterior explains its observation most lie in the bands.",
    ),
}
