"""The price of an independent configuration, of models and of the reference."""

import warnings

import numpy as np
import pandas as pd
import pytest

from emulant.judging.ledger import gathered, ledger


def entry(stage, model, seconds, device="cpu", configurations=100, tau_int=0.5, variant=""):
    return {
        "stage": stage,
        "model": model,
        "variant": variant,
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
    ).set_index("model")
    assert rows.loc["reference", "seconds_per_independent"] == pytest.approx(2 * 1.0 / 100 * 4)
    assert rows.loc["model", "seconds_per_independent"] == pytest.approx(0.2)
    assert rows.loc["model", "seconds_per_independent_with_training"] == pytest.approx(1.2)
    assert rows.loc["model", "ratio_to_reference"] == pytest.approx(0.2 / 0.08)


def test_reading_a_file_is_no_price_of_its_samples():
    rows = ledger("mine", [entry("import", "reference", 1.0), entry("generate", "model", 10.0)])
    assert rows["model"].tolist() == ["model"]
    assert rows["ratio_to_reference"].isna().all()


def test_a_variant_without_a_step_of_the_generation_is_not_a_second_price():
    entries = [entry("generate", "heidi", 10.0), entry("generate", "heidi", 90.0, variant="unprojected")]
    assert ledger("toy", entries)["seconds_per_independent"].tolist() == pytest.approx([0.2])


def test_there_is_no_ratio_of_wall_seconds_to_cpu_seconds():
    entries = [
        entry("reference", "reference", 1.0),
        entry("generate", "here", 10.0),
        entry("generate", "there", 10.0, "cuda:0"),
    ]
    ratio = ledger("toy", entries).set_index("model")["ratio_to_reference"]
    assert ratio["here"] == pytest.approx(10)
    assert np.isnan(ratio["there"])


def test_a_further_training_has_a_price_of_its_own():
    entries = [
        entry("train", "flow", 50.0),
        entry("generate", "flow", 10.0),
        entry("train", "flow", 70.0, variant="training2"),
        entry("generate", "flow", 10.0, variant="training2"),
    ]
    rows = ledger("toy", entries).set_index("variant")
    assert rows["training_seconds"].to_dict() == {"": 100.0, "training2": 140.0}
    assert (rows["model"] == "flow").all()


def test_tables_are_gathered_in_silence_though_one_of_them_has_nothing_in_a_column():
    parts = [
        pd.DataFrame({"experiment": ["a"], "note": [np.nan], "chi2_p": [0.5]}),
        pd.DataFrame({"experiment": ["b"], "note": ["far"], "chi2_p": [np.nan]}),
        pd.DataFrame({"experiment": [], "note": [], "chi2_p": []}),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = gathered(parts)
        assert list(gathered(parts[2:]).columns) == list(table.columns) == ["experiment", "note", "chi2_p"]
    assert table["experiment"].tolist() == ["a", "b"] and table["note"].isna().tolist() == [True, False]
