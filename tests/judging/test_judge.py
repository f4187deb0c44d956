"""The judge passes right models at the stated rate, and fails wrong ones."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from emulant.contracts.source import Source
from emulant.judging import judge as module
from emulant.judging.published import COLUMNS
from emulant.systems.phi4.system import Phi4

WEIGHTED = Source("model", "weighted")


def verdict(judgement, model="model", variant=""):
    return judgement.verdicts.set_index(["model", "variant"]).loc[model, variant]


def three(write, rng, free_fields, model, count=1024, length=8):
    """Paths of a reference four times as large, a training ensemble and the model's."""
    return {
        "reference": write("reference", free_fields(rng, 4 * count, length)),
        "training": write("training", free_fields(rng, count, length)),
        "model": write("model", model),
    }


def test_right_models_pass_at_the_stated_rate(free_fields, write, judged):
    """40 seeds at a 10 % false alarm: 4 fail on average, and more than 11 once in 2000 such tests."""
    failed = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        paths = {
            "reference": write("reference", free_fields(rng, 2048)),
            "model": write("model", free_fields(rng, 512)),
        }
        failed += verdict(judged(paths, seed=seed, false_alarm=0.1))["verdict"] == "fail"
    assert failed <= 11


def test_kappa_off_by_two_percent_fails(free_fields, write, judged):
    rng = np.random.default_rng(1)
    model = free_fields(rng, 4096, 16, kappa=0.204)
    result = judged(three(write, rng, free_fields, model, 4096, 16))
    assert verdict(result)["verdict"] == "fail" and verdict(result, "training")["verdict"] == "pass"
    assert (result.two_sample.set_index(["model", "test"])["verdict"]["model", "classifier"]) == "fail"


def test_spectrum_off_by_one_percent_fails(free_fields, write, judged):
    """Every mode's variance 1 % high, seen by the spectrum as a set."""
    rng = np.random.default_rng(2)
    model = free_fields(rng, 4096, 16, amplitude=np.sqrt(1.01))
    result = judged(three(write, rng, free_fields, model, 4096, 16))
    assert verdict(result)["verdict"] == "fail" and verdict(result)["chi2_p"] < 1e-4


def test_tilted_spectrum_fails_through_its_covariance(free_fields, write, judged):
    """+-3 % from the infrared to the ultraviolet, with <phi^2> kept: the set fails, not its mean."""
    rng = np.random.default_rng(3)
    cosine = np.cos(2 * np.pi * np.fft.fftfreq(16))
    tilt = (cosine[:, None] + cosine) / 2
    power = 1 / (2 - 0.8 * (cosine[:, None] + cosine))
    tilt = tilt - (tilt * power).sum() / power.sum()
    model = free_fields(rng, 4096, 16, amplitude=np.sqrt(1 + 0.06 * tilt))
    result = judged(three(write, rng, free_fields, model, 4096, 16))
    rows = result.comparison
    spectrum = rows[(rows["model"] == "model") & (rows["observable"] == "power_spectrum")]
    assert (spectrum["verdict"] == "fail").all()
    single = rows[(rows["model"] == "model") & (rows["observable"] == "field_squared")]
    assert (single["verdict"] == "pass").all()


def test_right_spectrum_with_wrong_cumulants_fails(free_fields, write, judged):
    """Phi + 0.02 phi^3, rescaled to the right <phi^2>: kappa_4 and the ratios fail."""
    rng = np.random.default_rng(4)
    plain = free_fields(rng, 4096, 8)
    bent = plain + 0.02 * plain**3
    bent *= np.sqrt((plain**2).mean() / (bent**2).mean())
    result = judged(three(write, rng, free_fields, bent, 4096, 8))
    rows = result.comparison
    ratios = rows[(rows["model"] == "model") & (rows["observable"] == "kappa_ratio")]
    assert (ratios["verdict"] == "fail").all()


def test_copies_of_the_training_ensemble_fail_by_memorisation(free_fields, write, judged):
    rng = np.random.default_rng(5)
    training = free_fields(rng, 2048)
    paths = {
        "reference": write("reference", free_fields(rng, 4096)),
        "training": write("training", training),
        "model": write("model", rng.permutation(training)),
    }
    result = judged(paths)
    assert verdict(result)["worst_observable"] == "memorisation" and verdict(result)["verdict"] == "fail"


def test_one_sign_sector_fails(free_fields, write, judged):
    rng = np.random.default_rng(6)
    fields = free_fields(rng, 2048)
    result = judged(
        three(write, rng, free_fields, np.abs(fields.mean((1, 2)))[:, None, None] + 0 * fields + fields)
    )
    assert verdict(result)["verdict"] == "fail"


@pytest.mark.parametrize("count", [1, 3])
def test_configurations_that_ran_away_fail(free_fields, write, judged, count):
    """However far they are, their own jackknife error keeps the pull of the mean near the root of their number."""
    rng = np.random.default_rng(11)
    fields = free_fields(rng, 1024)
    fields[:count] *= 1e3
    result = judged(three(write, rng, free_fields, fields))
    assert verdict(result)["verdict"] == "fail" and "ran away" in verdict(result)["note"]
    singles = result.comparison.query("model == 'model' and observable == 'field_squared'")
    assert (singles["pull"].abs() > 100).all() and (singles["verdict"] == "fail").all()
    assert "ran away" not in verdict(result, "training")["note"]


def test_autocorrelated_model_is_not_judged_as_independent(free_fields, write, judged):
    """Each configuration repeated 8 times in a chain: right, with errors that account for it."""
    rng = np.random.default_rng(7)
    fields = np.repeat(free_fields(rng, 512), 8, axis=0)
    paths = three(write, rng, free_fields, fields[:8])
    paths["model"] = write("model", fields, chain=np.repeat(np.arange(64), 64))
    result = judged(paths)
    assert verdict(result)["verdict"] == "pass"
    rows = result.comparison
    assert rows[rows["model"] == "model"]["tau_int"].median() > 2


def test_weighted_ensembles_are_judged_by_their_effective_size(free_fields, write, judged):
    rng = np.random.default_rng(8)
    fields = free_fields(rng, 8192, kappa=0.195)
    log_weight = Phi4(0.195, 0.0, (8, 8)).action(fields) - Phi4(0.2, 0.0, (8, 8)).action(fields)
    paths = three(write, rng, free_fields, fields, 8192)
    paths[WEIGHTED] = write("weighted", fields, log_weight=log_weight)
    result = judged(paths)
    assert verdict(result)["verdict"] == "fail"
    assert verdict(result, *WEIGHTED)["verdict"] == "pass"
    assert "effective sample size" in verdict(result, *WEIGHTED)["note"]


def test_too_few_configurations_and_yardsticks_are_shown_not_judged(free_fields, write, judged):
    rng = np.random.default_rng(9)
    paths = three(write, rng, free_fields, free_fields(rng, 64))
    paths["baseline"] = write("baseline", free_fields(rng, 1024, kappa=0.22))
    verdicts = judged(paths, yardsticks=[["baseline", ""]])
    assert verdict(verdicts)["verdict"] == "info" and "needs 100" in verdict(verdicts)["note"]
    assert verdict(verdicts, "baseline")["verdict"] == "info"
    table = verdicts.comparison
    assert (table.loc[table["model"] == "baseline", "verdict"] == "info").all()
    assert verdict(verdicts)["reason"] == "64 effective samples, of which a verdict needs 100"
    assert verdict(verdicts, "baseline")["reason"] == "shown beside the others"
    untaught = judged(paths, unlearned="smoke").verdicts.set_index("model")
    assert untaught.loc["baseline", "verdict"] == "info" and untaught.loc["baseline", "reason"] == "smoke"
    assert untaught.loc["reference", "verdict"] != "info" and untaught.loc["reference", "reason"] == ""


def test_what_is_only_shown_is_in_no_test(free_fields, write, judged, monkeypatch):
    """An observable that is not judged keeps its pulls; the verdict counts two tests less, of reference and exact value."""
    rng = np.random.default_rng(1)
    files = three(write, rng, free_fields, free_fields(rng, 1024))
    before = judged(files)
    observables = module.observables_of("phi4")
    shown = {name: replace(observables[name], judged=name != "field_squared") for name in observables}
    monkeypatch.setattr(module, "observables_of", lambda kind: shown)
    after = judged(files)
    rows = after.comparison[after.comparison["observable"] == "field_squared"]
    assert rows["p_value"].isna().all() and rows["pull"].notna().all()
    assert verdict(after)["tests"] == verdict(before)["tests"] - 2


def test_a_small_training_sample_is_named(free_fields, write, judged):
    """Its error is the model's too, and no test detects it."""
    rng = np.random.default_rng(10)
    words = "trained on fewer than it made"
    assert words in verdict(judged(three(write, rng, free_fields, free_fields(rng, 1024), 512)))["note"]
    assert words not in str(verdict(judged(three(write, rng, free_fields, free_fields(rng, 512))))["note"])


def test_an_unequilibrated_reference_is_no_reason_to_fail_exact_values(free_fields, write, judged):
    """Fields of amplitude 1.1 break <phi dS/dphi> = 1, as a quench does: shown, not judged."""
    rng = np.random.default_rng(10)
    paths = {
        name: write(name, 1.1 * free_fields(rng, 2048), equilibrated=False)
        for name in ("reference", "training", "model")
    }
    result = judged(paths)
    assert verdict(result)["verdict"] == "pass" and "not equilibrated" in verdict(result)["note"]
    table = result.comparison
    exact = table[(table["model"] == "model") & (table["against"] == "exact")]
    assert (exact["verdict"] == "info").all() and exact["pull"].abs().max() > 5


@pytest.fixture
def literature(tmp_path):
    """A function (rows of protocol, of, value, error) -> a published table about <phi^2>."""

    def write_table(*rows):
        defaults = dict.fromkeys(COLUMNS, "test") | {
            "kind": "phi4",
            "parameters": "kappa=0.2;lambda=0",
            "shape": "8x8",
            "observable": "field_squared",
            "index": 0,
            "comparable": "yes",
        }
        keys = ("protocol", "of", "value", "error")
        path = tmp_path / "published.csv"
        pd.DataFrame([defaults | dict(zip(keys, row, strict=True)) for row in rows]).to_csv(path, index=False)
        return path

    return write_table


def test_published_values(free_fields, write, judged, literature):
    """Judged for the reference where the protocol fits; a model is shown what is published about it."""
    rng = np.random.default_rng(11)
    table = literature(
        ("equilibrium", "reference", 0.7, 0.001),
        ("equilibrium", "model", 0.6, 0.01),
        ("quench", "x", 1.0, 0.1),
    )
    result = judged(three(write, rng, free_fields, free_fields(rng, 1024)), published=[table])
    rows = result.comparison[result.comparison["against"] == "published"].set_index("model")
    assert rows.loc["reference", "verdict"] == "fail" and rows.loc["model", "verdict"] == "info"
    assert rows.loc["model", "target"] == 0.6 and rows.loc["training", "target"] == 0.7
    assert "published ensemble was not equilibrated" in verdict(result)["note"]


def test_published_values_of_another_protocol_are_not_judged(free_fields, write, judged, literature):
    rng = np.random.default_rng(12)
    table = literature(("quench", "reference", 0.7, 0.001))
    result = judged(three(write, rng, free_fields, free_fields(rng, 1024)), published=[table])
    rows = result.comparison[result.comparison["against"] == "published"]
    assert (rows["verdict"] == "info").all() and verdict(result, "reference")["verdict"] == "pass"


def test_same_input_same_tables(free_fields, write, judged):
    rng = np.random.default_rng(13)
    paths = three(write, rng, free_fields, free_fields(rng, 256), count=256)
    first, second = judged(paths, seed=3), judged(paths, seed=3)
    for a, b in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)
