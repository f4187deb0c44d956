"""The comparison of each event, and the figures, with answers that are known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from emulant.contracts.source import REFERENCE, Source
from emulant.contracts.study import StudyInputs
from emulant.storage.pairs import Pairs, PairsWriter
from emulant.storage.provenance import provenance
from emulant.systems.hydro_spectra.figures import differential, paired, states
from emulant.systems.hydro_spectra.reference import samplers
from emulant.systems.hydro_spectra.studies import studies
from tests.systems.hydro_spectra.spectra import exponential, shown, system

RANDOM = np.random.default_rng(3)
EVENTS = 120
ATTRIBUTES = provenance(system="hydro_spectra", parameters={}, sampler="test", seed=1)
VECTORS = 0.05 * (RANDOM.normal(size=(EVENTS, 4)) + 1j * RANDOM.normal(size=(EVENTS, 4)))


def written(path, outputs):
    pairs = Pairs(np.zeros((len(outputs), 20, 20)), outputs, {"viscosity": np.full(len(outputs), 0.15)})
    with PairsWriter(
        path, (20, 20), outputs.shape[1:], attributes=ATTRIBUTES, conditions={"viscosity": ("float64", ())}
    ) as writer:
        writer.append(pairs)
    return path


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A model whose V_n are half as long, with two per cent more particles in every second event."""
    folder = tmp_path_factory.mktemp("paired")
    truth, size = exponential(VECTORS), np.resize([100.0, 102.0], EVENTS)
    answer = exponential(0.5 * VECTORS, size=size)
    inputs = StudyInputs(
        {"events": 8, "cases": []},
        1,
        written(folder / "r.h5", truth),
        {},
        {"half": written(folder / "h.h5", answer)},
    )
    return studies["paired"](system(), inputs).table.set_index("quantity")


def test_deviations_are_those_that_were_put_in(table):
    for n in (2, 3, 4, 5):
        row = table.loc[f"v{n}"]
        assert row["deviation"] == pytest.approx(0.5, abs=1e-4)
        assert row["correlation"] == pytest.approx(1, abs=1e-6) and row["ratio"] == pytest.approx(
            0.5, abs=1e-4
        )
    assert table.loc["multiplicity", "deviation"] == pytest.approx(0.02 / np.sqrt(2), rel=1e-3)
    assert table.loc["multiplicity", "ratio"] == pytest.approx(1.01, rel=1e-4)
    assert table.loc["mean_pt", "deviation"] < 1e-6


def test_a_classifier_tells_halved_flow_and_nothing_else(table):
    """Four folds of 30 events: by chance accuracy exceeds 0.5 by 0.032, and 0.65 once in 10^5 times."""
    assert table.loc["together", "accuracy"] > 0.65
    assert table["accuracy"].notna().sum() == 1


def test_a_case_has_events_of_its_own(tmp_path):
    """A model that answers with one spectrum has no deviation in size from itself, and hydrodynamics is asked anew."""
    asked = []

    class Constant:
        def sample(self, count, generator, condition):
            asked.append(condition)
            outputs = torch.as_tensor(exponential(np.zeros((count, 4))))
            return SimpleNamespace(values=outputs)

    reference = tmp_path / "reference.h5"
    samplers["hydro"](
        system(), reference, settings={"sampler": "hydro", "samples": 16}, seed=1, checkpoint=tmp_path / "c"
    )
    settings = {"events": 8, "cases": [{"viscosity": 0.2}]}
    ensembles = {"constant": written(tmp_path / "e.h5", exponential(np.zeros((16, 4))))}
    inputs = StudyInputs(settings, 1, reference, {"constant": Constant()}, ensembles)
    rows = studies["paired"](system(), inputs).table
    assert rows["case"].unique().tolist() == ["reference", "viscosity 0.2"]
    assert set(rows["events"]) == {16, 8}
    assert asked[0]["viscosity"].tolist() == pytest.approx([0.2] * 8)


def test_figures_are_drawn():
    view, answer = shown(exponential(VECTORS)), shown(exponential(0.9 * VECTORS))
    model = Source("harmonic_response")
    assert len(states({REFERENCE: view, model: answer}, 1.0, [model.model]).axes) == 10
    assert len(paired(view, {model: answer}, [model.model]).axes) == 4
    columns = {"model": "reference", "variant": "", "observable": "flow_2_pt", "value": 0.1, "error": 0.01}
    table = pd.DataFrame([columns | {"index": k} for k in range(3)])
    assert len(differential(table, [REFERENCE], []).axes) == 3
