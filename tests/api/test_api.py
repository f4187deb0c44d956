"""The Python API: what it gives is what the stages give, and its mistakes are one line."""

import subprocess
import sys

import numpy as np
import pytest

import emulant
from emulant.api.scratch import optional_libraries
from emulant.errors import InputError


@pytest.fixture(scope="module")
def phi4():
    return emulant.system("phi4", shape=(4, 4), kappa=0.2, lambda_=0.022)


@pytest.fixture(scope="module")
def reference(phi4):
    return emulant.reference(phi4, 2048)


@pytest.fixture(scope="module")
def flow(phi4):
    return emulant.fit("ridge_flow", phi4, fit={"samples": 256, "rounds": 1, "path": [0.5], "steps": 4})


def test_import_loads_nothing_heavy():
    code = "import emulant, sys; print([n for n in ('numpy', 'torch', 'pandas') if n in sys.modules], dir(emulant)[:2])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("[] ['Comparison'")


def test_a_system_is_that_of_a_configuration(phi4):
    assert phi4.parameters == {"kappa": 0.2, "lambda": 0.022, "shape": [4, 4]}
    assert phi4.action(np.ones((2, 4, 4))).shape == (2,)
    same = emulant.system("phi4", shape=np.array([4, 4]), kappa=np.float64(0.2), lambda_=0.022)
    assert same.parameters == phi4.parameters
    assert "binder" in emulant.observables(phi4) and "phi4" in emulant.kinds()
    assert {"flow_matching", "ridge_flow"} <= {*emulant.models(phi4)} and "heidi" not in emulant.models(phi4)


def test_the_same_seed_gives_the_same_samples(phi4, reference, flow):
    np.testing.assert_array_equal(emulant.reference(phi4, 2048).values, reference.values)
    one, same, other = (emulant.sample(flow, 64, seed=seed).values for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_weights_are_those_of_log_q(phi4, flow):
    """w = exp(-S)/q of mean 1; the flow of a nearly free field has nearly equal ones."""
    samples = emulant.sample(flow, 512)
    weights = emulant.weights(samples)
    log_weight = -phi4.action(samples.values.astype(float)) - samples.columns["log_q"]
    expected = np.exp(log_weight - log_weight.max())
    np.testing.assert_allclose(weights.values, expected / expected.mean(), rtol=1e-3)
    assert weights.ess[0] > 0.9 and len(samples) == 512


def test_what_is_saved_is_loaded(reference, flow, tmp_path):
    ensemble = emulant.load(reference.save(tmp_path / "reference.h5"))
    np.testing.assert_array_equal(ensemble.values, reference.values)
    assert ensemble.system.parameters == reference.system.parameters
    model = emulant.load(flow.save(tmp_path / "flow"))
    np.testing.assert_array_equal(emulant.sample(model, 32).values, emulant.sample(flow, 32).values)
    with pytest.raises(InputError, match=r"suffix: expected \.h5"):
        reference.save(tmp_path / "reference.npy")


def test_a_wrong_law_fails_and_the_same_law_passes(phi4, reference):
    """At the limit of one false alarm in a hundred; seeds are fixed."""
    same = emulant.ensemble(phi4, emulant.reference(phi4, 2048, seed=5).values, name="same")
    wider = emulant.ensemble(phi4, 1.05 * same.values, name="wider")
    assert emulant.compare(same, reference).verdict == "pass"
    verdict = emulant.compare(wider, reference)
    assert verdict.verdict == "fail" and abs(verdict.pull) > verdict.limit and "wider: fail" in str(verdict)


def test_ones_own_ensemble_is_checked_by_its_identities(phi4, reference):
    training, judging = emulant.halves(phi4, reference.values.astype(float), chains=256)
    assert len(training) == len(judging) == 1024 and judging.values.dtype == np.float32
    with pytest.raises(InputError, match="dS/dphi"):
        emulant.halves(phi4, 1.2 * reference.values, chains=256)


MISTAKES = {
    "a key": (lambda p, r: emulant.system("phi4", kapa=0.2), r"kapa: .* \(did you mean kappa\?\)"),
    "a kind": (lambda p, r: emulant.system("phi5"), r"got phi5 \(did you mean phi4\?\)"),
    "a missing parameter": (lambda p, r: emulant.system("phi4", kappa=0.2, shape=(4, 4)), "lambda: expected"),
    "a sampler": (
        lambda p, r: emulant.reference(p, 64, sampler="hmcc"),
        "reference.sampler: expected one of",
    ),
    "few samples": (lambda p, r: emulant.reference(p, 3), "samples: expected at least 64"),
    "a model": (lambda p, r: emulant.fit("flow_maching", r), r"did you mean flow_matching\?"),
    "a family": (lambda p, r: emulant.fit("heidi", r), "a family that learns fields"),
    "a key of a model": (
        lambda p, r: emulant.fit("ridge_flow", p, hat=3),
        r"hat: .* \(did you mean hats\?\)",
    ),
    "a system for samples": (lambda p, r: emulant.fit("flow_matching", p), "to: expected an ensemble"),
    "weights of no model": (lambda p, r: emulant.weights(r), "a model that knows log q"),
    "an array": (lambda p, r: emulant.ensemble(p, np.ones((3, 5))), r"expected an array \(N, 4, 4\)"),
    "words": (lambda p, r: emulant.ensemble(p, [["a"]]), r"expected an array \(N, 4, 4\)"),
    "a number": (lambda p, r: emulant.ensemble(p, np.full((3, 4, 4), np.nan)), "expected finite numbers"),
    "an observable": (lambda p, r: emulant.measure(r, ["bindr"]), "expected one of"),
    "a file": (lambda p, r: emulant.load("nowhere"), "got nothing there"),
    "a file of one's own": (lambda p, r: emulant.halves(p, "nowhere.npy"), "got no such file"),
    "another system": (
        lambda p, r: emulant.compare(
            r, emulant.reference(emulant.system("phi4", shape=(4, 4), kappa=0.1, lambda_=0.022), 64)
        ),
        "as the reference",
    ),
}


@pytest.mark.parametrize(("call", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_one_line(phi4, reference, call, words):
    with pytest.raises(InputError, match=words) as raised:
        call(phi4, reference)
    assert "\n" not in str(raised.value)


def test_a_library_that_an_extra_has_is_named():
    with (
        pytest.raises(InputError, match=r"expected particle \(pip install 'emulant\[events\]'\)"),
        optional_libraries("collision"),
    ):
        raise ModuleNotFoundError("No module named 'particle'", name="particle")


def test_an_unknown_name_is_none_of_the_library():
    with pytest.raises(AttributeError, match="no phi5"):
        emulant.phi5  # noqa: B018
