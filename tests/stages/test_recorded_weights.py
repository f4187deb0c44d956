"""Models that tell log q: their ensembles record weights, which nothing applies but the corrections."""

import json

import numpy as np
import pandas as pd
import pytest

from emulant.judging.measure import measure
from emulant.stages import correction, generation
from emulant.storage.ensemble import open_ensemble
from emulant.storage.records import write_json
from emulant.systems import measured_observables, system_from
from tests.scripts import script
from tests.stages.proposals import WELL, Gaussian, Working

SECOND, FOURTH = 1.25, 2.6875
"""<φ²> and <φ⁴> of peaks of width 1/2 at ±1."""


@pytest.fixture(params=[Gaussian, Working], ids=["log_q", "work"])
def corrected(request, tmp_path, monkeypatch):
    """The folder of the raw ensemble and all that `correct` wrote, of a model that tells log q or a work."""
    for stage in (generation, correction):
        monkeypatch.setattr(stage, "load_model", lambda *folder_and_system: request.param())
    write_json(tmp_path / "model.json", {"provenance": {"parameters": "{}"}})
    raw, weights = tmp_path / "ensemble.h5", tmp_path / "weights.safetensors"
    script("generate").main(weights, raw, tmp_path / "cost.json", system=WELL, seed=3, threads=1)
    names = ("metropolis.h5", "weighted.h5", "likelihood.csv", "correction.json", "cost.json")
    files = [tmp_path / name for name in names]
    script("correct").main(weights, raw, *files, system=WELL, correction={}, seed=4, threads=1)
    return tmp_path


def test_an_ensemble_records_weights_that_do_not_count(corrected):
    system = system_from(WELL)
    with open_ensemble(corrected / "ensemble.h5") as raw:
        fields, facts = raw.read().astype(float), raw.facts
        assert raw.log_weight is None
        log_q = -(fields[:, 0] ** 2) / 3 - 0.5 * np.log(3 * np.pi)
        assert raw.log_q is None or np.allclose(raw.log_q, log_q, atol=1e-6)
        np.testing.assert_allclose(raw.recorded_log_weight, -system.action(fields) - log_q, atol=1e-5)
        table = measure(raw, system, measured_observables(["field_squared"], "two_peak")).rows
    np.testing.assert_allclose(facts["height"], np.abs(fields[:, 0]))
    assert table["value"].item() == pytest.approx(np.mean(fields**2), rel=1e-6)


def test_weights_make_the_ensemble_exact(corrected):
    with open_ensemble(corrected / "weighted.h5") as ensemble:
        weight = np.exp(ensemble.log_weight)
        squares = ensemble.read().astype(float)[:, 0] ** 2
        assert "weights_applied" not in ensemble.attributes
    for power, exact in ((1, SECOND), (2, FOURTH)):
        mean = np.average(squares**power, weights=weight)
        error = np.sqrt(np.sum((weight * (squares**power - mean)) ** 2)) / weight.sum()
        assert abs(mean - exact) < 4 * error


def test_an_independence_chain_makes_the_ensemble_exact(corrected):
    record = json.loads((corrected / "correction.json").read_text())
    with (
        open_ensemble(corrected / "metropolis.h5") as ensemble,
        open_ensemble(corrected / "ensemble.h5") as raw,
    ):
        squares, chain = ensemble.read().astype(float)[:, 0] ** 2, ensemble.chain
        assert np.isin(ensemble.read(), raw.read()).all()
    assert len(squares) == 6000 and not chain.any()
    assert np.mean(np.diff(squares) != 0) == pytest.approx(record["acceptance"])
    # Means of blocks of 60: much longer than a proposal waits.
    blocks = squares.reshape(100, 60).mean(axis=1)
    assert abs(blocks.mean() - SECOND) < 4 * blocks.std() / 10


def test_the_record_says_what_the_weights_say(corrected):
    """Z = 1; -log q on S has the exact slope of 6000 pairs."""
    record = json.loads((corrected / "correction.json").read_text())
    assert abs(record["minus_log_z"]) < 4 * record["minus_log_z_error"] < 0.1
    assert record["likelihood_samples"] == 6000 and 0 < record["ess"] < 1
    assert "exact_trace" not in record, "nothing was integrated"
    assert record["ess_error"] > 0
    table = pd.read_csv(corrected / "likelihood.csv")
    assert (table["error"] == 0).all()
    assert record["slope"] == pytest.approx(
        np.polyfit(table["action"], table["minus_log_q"], 1)[0], abs=5 * record["slope_error"]
    )
