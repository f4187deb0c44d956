"""All ensembles of an experiment are measured with common bins, and values of studies count as exact."""

import numpy as np
import pandas as pd
import pytest

from emulant.contracts.source import REFERENCE, Source
from emulant.judging.experiment import exact_values_of, measure_all, measure_forward, opened
from emulant.systems import measured_observables, system_from
from emulant.systems.phi4.system import Phi4

MODEL = Source("flow", "training2")


@pytest.fixture
def files(free_fields, write):
    rng = np.random.default_rng(1)
    return {source: write(source.name, free_fields(rng, 300)) for source in (REFERENCE, MODEL)}


def test_rows_of_every_source_carry_model_and_variant(files):
    system = Phi4(0.2, 0.0, (8, 8))
    with opened(files, system) as ensembles:
        measured = measure_all("free", ensembles, system, measured_observables(["kappa"], "phi4"))
    rows = measured.observables.groupby(["model", "variant"])["index"].apply(list).to_dict()
    assert rows == {("reference", ""): [2, 4, 6, 8], ("flow", "training2"): [2, 4, 6, 8]}
    assert set(measured.jackknife) == {REFERENCE, MODEL}
    edges = measured.distributions.groupby(["quantity", "model"])["left"].apply(tuple).unstack()
    assert (edges["reference"] == edges["flow"]).all() and set(edges.index) == {"phi", "M", "S"}


def test_the_forward_process_is_measured_in_units_of_the_root_mean_square(files):
    """kappa_2 of x_t at t -> 0 is then 1 for a path that keeps the signal."""
    system, paths = Phi4(0.2, 0.0, (8, 8)), {"ve": {"kind": "variance_exploding", "sigma": 5.0}}
    with opened(files, system) as ensembles:
        table = measure_forward(ensembles[REFERENCE], paths, seed=1)
        empty = measure_forward(ensembles[REFERENCE], {}, seed=1)
    first = table[(table["t"] == 0.02) & (table["n"] == 2)].iloc[0]
    assert first["exact"] == pytest.approx(1 + (5.0**0.04 - 1) / (2 * np.log(5.0)), rel=0.02)
    assert empty.empty and list(empty.columns) == list(table.columns)


def test_values_of_studies_stand_beside_exact_ones(tmp_path):
    bose = {"kind": "bose_gas", "mass": 1.0, "lambda": 1.0, "shape": [2, 2], "mu": [0.5]}
    table = pd.DataFrame({"method": ["worldline"], "extent": [2], "mu": [0.5]})
    numbers = dict.fromkeys(("density", "squared", "fourth"), 0.25) | {
        f"{name}_error": 0.01 for name in ("density", "squared", "fourth")
    }
    table.assign(**numbers).to_csv(tmp_path / "study.csv", index=False)
    values = {row["observable"]: row for row in exact_values_of(system_from(bose), [tmp_path / "study.csv"])}
    assert values["charge_density"]["value"] == 0.25 and values["charge_density"]["error"] == 0.01
    assert values["charge_density_imag"]["error"] == 0.0
    well = system_from({"kind": "two_peak", "mean": 1.0, "width": 0.25})
    assert exact_values_of(well, []) == well.exact_values()
