"""Studies of the complex scalar field: the onset of the density in colder systems, and the field at mu = 0."""

import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.randomness.seeds import job_seed
from emulant.statistics.pulls import pull
from emulant.systems.complex_scalar.system import ComplexScalar
from emulant.worldlines.action import BoseGas, Observables
from emulant.worldlines.chains import worms_of
from emulant.worldlines.field_chains import measured_fields
from emulant.worldlines.worldline import worldline

__all__ = ["studies"]

THERMALISATION = 100
"""Sweeps before the first measurement: below the threshold autocorrelation is a few sweeps."""


def study_onset(system: ComplexScalar, inputs: StudyInputs) -> StudyTable:
    """Measure the density against mu by worms on lattices of several extents in time.

    Returns:
        Columns extent, mu, density, squared, fourth, each with its error, and tau_int of the density in sweeps.
    """
    rows = []
    for extent in inputs.settings["extents"]:
        for mu in inputs.settings["mus"]:
            shape = (*system.gas.shape[:-1], extent)
            seed = job_seed(inputs.seed, f"{extent}", f"{mu}")
            rows.append(
                {"extent": extent, "mu": mu, **_measured(system, shape, mu, inputs.settings["sweeps"], seed)}
            )
    return StudyTable(pd.DataFrame(rows), {})


def _measured(
    system: ComplexScalar, shape: tuple[int, ...], mu: float, sweeps: int, seed: int
) -> dict[str, float]:
    """Values, errors and autocorrelation of a run of worms."""
    gas = BoseGas(shape, system.gas.mass, system.gas.coupling, mu)
    counts = {"sweeps": sweeps, "thermalisation": THERMALISATION, "worms": worms_of(gas)}
    run = worldline(gas, **counts, seed=seed)
    row = {"tau_int": run.tau_int.density}
    for name, number in run.observables._asdict().items():
        row |= {name: number.value, f"{name}_error": number.error}
    return row


def study_field_representation(system: ComplexScalar, inputs: StudyInputs) -> StudyTable:
    """Measure <|phi|^2> and <|phi|^4> at mu = 0 of the field itself, by Hybrid Monte Carlo, beside worldlines.

    Returns:
        Columns representation (`field`, `dual`), squared, fourth, each with its error; the record has their pulls.
    """
    gas = BoseGas(system.gas.shape, system.gas.mass, system.gas.coupling, 0.0)
    settings = inputs.settings
    field = measured_fields(gas, settings["chains"], settings["trajectories"], job_seed(inputs.seed, "field"))
    dual = worldline(
        gas,
        sweeps=4 * settings["trajectories"],
        thermalisation=THERMALISATION,
        seed=job_seed(inputs.seed, "dual"),
    ).observables
    several = {"field": field, "dual": dual}
    rows = [{"representation": name} | _columns(values) for name, values in several.items()]
    pulls = {name: pull(*getattr(field, name), *getattr(dual, name)) for name in ("squared", "fourth")}
    return StudyTable(pd.DataFrame(rows), {f"{name}_pull": value for name, value in pulls.items()})


def _columns(values: Observables) -> dict[str, float]:
    row = {}
    for name in ("squared", "fourth"):
        number = getattr(values, name)
        row |= {name: number.value, f"{name}_error": number.error}
    return row


studies = {"onset": study_onset, "field_representation": study_field_representation}
