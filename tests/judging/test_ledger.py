"""The price of an independent configuration, of models and of the reference."""

import numpy as np
import pytest

from emulant.judging.ledger import ledger


def entry(stage, source, seconds, device="cpu", configurations=100, tau_int=0.5):
    return {
        "stage": stage,
        "source": source,
        "seconds": seconds,
        "cpu_seconds": 2 * seconds,
        "configurations": configurations,
        "tau_int": tau_int,
        "evaluations": 24,
        "device": device,
        "threads": 1,
    }


def test_training_is_spread_over_what_was_generated_and_correlations_cost():
    rows = ledger(
        "toy",
        [
            entry("reference", "reference", 1.0, tau_int=2.0),
            entry("train", "model", 50.0),
            entry("generate", "model", 10.0),
        ],
    ).set_index("source")
    assert rows.loc["reference", "seconds_per_independent"] == pytest.approx(2 * 1.0 / 100 * 4)
    assert rows.loc["model", "seconds_per_independent"] == pytest.approx(0.2)
    assert rows.loc["model", "seconds_per_independent_with_training"] == pytest.approx(1.2)
    assert rows.loc["model", "ratio_to_reference"] == pytest.approx(0.2 / 0.08)


def test_events_before_their_projection_are_not_a_second_price():
    made = [entry("generate", "heidi", 10.0), entry("generate_unprojected", "heidi", 90.0)]
    assert ledger("toy", made)["seconds_per_independent"].tolist() == pytest.approx([0.2])


def test_there_is_no_ratio_of_wall_seconds_to_cpu_seconds():
    made = [
        entry("reference", "reference", 1.0),
        entry("generate", "here", 10.0),
        entry("generate", "there", 10.0, "cuda:0"),
    ]
    ratio = ledger("toy", made).set_index("source")["ratio_to_reference"]
    assert ratio["here"] == pytest.approx(10)
    assert np.isnan(ratio["there"])
