"""Measure ensembles, weigh them, and hold one against another."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from emulant.api.ensembles import Ensemble
from emulant.api.scratch import optional_libraries, quiet
from emulant.contracts.source import REFERENCE, Source
from emulant.errors import InputError
from emulant.forms import open_samples
from emulant.judging.experiment import exact_values_of, measure_all, opened
from emulant.judging.judge import judge
from emulant.judging.measure import measure as measured_on
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems import measured_observables, published_tables

__all__ = ["Comparison", "Weights", "compare", "measure", "weights"]


@dataclass(frozen=True)
class Comparison:
    """An ensemble held against a reference.

    Attributes:
        name: of the ensemble.
        verdict: pass, fail or info.
        worst: the test with the largest pull.
        pull: of that test, in errors.
        limit: beyond which a pull fails, with the number of tests taken into account.
        table: one row a value: observable, index, value, error, against, target, target_error, pull, verdict.
        tests: one row a two-sample test.
        note: what else is to be said.
    """

    name: str
    verdict: str
    worst: str
    pull: float
    limit: float
    count: int
    table: pd.DataFrame
    tests: pd.DataFrame
    note: str = ""

    def __str__(self) -> str:
        told = f"{self.name}: {self.verdict}, worst of {self.count} tests {self.worst} {self.pull:+.1f}"
        return f"{told} (limit {self.limit:.1f})" + (f"; {self.note}" if self.note else "")


@dataclass(frozen=True)
class Weights:
    """Importance weights e^{-S}/q of an ensemble.

    Attributes:
        values: (N,), of mean 1.
        ess: effective sample size over sample size, with its error.
        minus_log_z: -ln Z with its error.
    """

    values: np.ndarray
    ess: tuple[float, float]
    minus_log_z: tuple[float, float]

    def __str__(self) -> str:
        (part, error), (value, its_error) = self.ess, self.minus_log_z
        return f"effective part {part:.5f} ± {error:.1g}, -ln Z {value:.5f} ± {its_error:.1g}"


def measure(of: Ensemble, names: Iterable[str] | None = None) -> pd.DataFrame:
    """Measure observables, with errors that know autocorrelation: all of the system's, or those named.

    Returns:
        columns observable, index, value, error, tau_int, samples.

    Raises:
        InputError: for an unknown observable.
    """
    with optional_libraries(of.system.kind), open_samples(of.file, of.system) as samples:
        return measured_on(samples, of.system, measured_observables(names, of.system.kind)).rows


def compare(one: Ensemble, reference: Ensemble, *, seed: int = 1) -> Comparison:
    """Judge an ensemble by a reference, exact and published values, and tests that know no physics.

    Arguments:
        one: what is judged.
        reference: independent of what trained it.
        seed: of the two-sample tests.

    Raises:
        InputError: where they are of different systems.
    """
    for name, samples in (("one", one), ("reference", reference)):
        if not isinstance(samples, Ensemble):
            expected = "an ensemble (emulant.halves makes two of an array or a file, emulant.load reads one)"
            raise InputError("emulant.compare", name, expected, type(samples).__name__)
    if one.system.kind != reference.system.kind or one.system.parameters != reference.system.parameters:
        expected = f"{reference.system.kind} {reference.system.parameters}, as the reference"
        raise InputError("emulant.compare", "one", expected, f"{one.system.kind} {one.system.parameters}")
    physics, source = reference.system, Source("samples" if one.name == "reference" else one.name)
    files = {REFERENCE: reference.file, source: one.file}
    with optional_libraries(physics.kind), quiet(), opened(files, physics) as samples:
        measured = measure_all("comparison", samples, physics, measured_observables(None, physics.kind))
        judgement = judge(
            measured.observables,
            measured.jackknife,
            samples,
            physics,
            exact=exact_values_of(physics, []),
            published=published_tables(physics.kind),
            seed=seed,
        )
    (verdict,) = _of(judgement.verdicts, source).to_dict("records")
    return Comparison(
        source.model,
        verdict["verdict"],
        verdict["worst_observable"],
        verdict["worst_pull"],
        verdict["limit"],
        int(verdict["tests"]),
        _of(judgement.comparison, source).drop(columns=["experiment", "model", "variant"]),
        _of(judgement.two_sample, source).drop(columns=["experiment", "model", "variant"]),
        verdict["note"] if isinstance(verdict["note"], str) else "",
    )


def weights(of: Ensemble) -> Weights:
    """Return the weights of an ensemble whose model knows log q, or the work of the paths that it took.

    Raises:
        InputError: where it knows neither.
    """
    log_weight = of.columns.get("log_weight")
    if log_weight is None:
        raise InputError(
            "emulant.weights", of.name, "samples of a model that knows log q", "none are recorded"
        )
    scaled = np.exp(log_weight - log_weight.max())
    return Weights(scaled / scaled.mean(), effective_fraction(log_weight), minus_log_mean(log_weight))


def _of(table: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Rows of one source."""
    rows = table[(table["model"] == source.model) & (table["variant"] == source.variant)]
    return rows.reset_index(drop=True)
