"""The Ising model as a system: exact values on every torus that is solved, users' files, samplers."""

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.markov.thermalisation import NotEquilibrated
from emulant.spins.transfer_matrix import log_partition
from emulant.storage.ensemble import open_ensemble
from emulant.systems.ising.system import SolvedIsing, from_settings
from tests.imports import import_array
from tests.references import sample_reference

BLOCK = {"kind": "ising", "beta": 0.35, "coupling": 1.0, "lattice": "square", "shape": [6, 6]}


def test_which_tori_are_solved():
    for changed, solved in (
        ({"shape": [32, 31]}, True),
        ({"coupling": -1.0, "shape": [16, 16]}, True),
        ({"coupling": -1.0, "shape": [15, 16]}, False),
        ({"lattice": "triangular", "shape": [16, 16]}, False),
        ({"lattice": "triangular", "shape": [32, 8]}, True),
        ({"lattice": "triangular", "shape": [16, 16], "beta": 0.0}, True),
    ):
        assert isinstance(from_settings(BLOCK | changed), SolvedIsing) == solved


@pytest.mark.parametrize("coupling", [1.3, -0.8])
def test_exact_values_know_the_sign_of_the_coupling(coupling):
    """Kaufman's solution against the transfer matrix of the same sign."""
    system = from_settings(BLOCK | {"coupling": coupling})
    exact = log_partition(0.35 * coupling, (6, 6), "square")
    np.testing.assert_allclose(system.exact, exact, rtol=1e-10)
    energy, heat = (row["value"] for row in system.exact_values())
    assert energy == pytest.approx(-coupling * exact.slope / 36) and energy < 0
    assert heat == pytest.approx((0.35 * coupling) ** 2 * exact.curvature / 36)


def test_free_spins():
    for lattice in ("square", "triangular"):
        exact = from_settings(BLOCK | {"beta": 0.0, "lattice": lattice}).exact
        np.testing.assert_allclose(exact, log_partition(0.0, (6, 6), lattice), rtol=1e-12, atol=1e-12)


def test_the_action_of_arrays_and_tensors():
    spins = np.random.default_rng(1).choice(np.array([-1, 1], np.int8), (5, 6, 6))
    for lattice in ("square", "triangular"):
        system = from_settings(BLOCK | {"lattice": lattice})
        np.testing.assert_array_equal(system.action(torch.as_tensor(spins)), system.action(spins))
    one = np.ones((1, 6, 6), np.int8)
    assert system.action(one) == pytest.approx(-0.35 * 108)


def imported(spins, folder, block=BLOCK):
    import_array(spins, folder, block)


@pytest.fixture(scope="module")
def spins(tmp_path_factory):
    path = tmp_path_factory.mktemp("ising") / "r.h5"
    settings = {"sampler": "exact", "samples": 1000}
    sample_reference(from_settings(BLOCK), path, settings=settings, seed=3)
    with open_ensemble(path) as ensemble:
        return ensemble.read()


def test_spins_of_a_file(spins, tmp_path):
    imported(spins.astype(np.int64), tmp_path)
    with open_ensemble(tmp_path / "reference.h5") as ensemble:
        assert ensemble.read().dtype == np.int8
        np.testing.assert_array_equal(ensemble.read(), spins[500:])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: (s + 1) // 2, r"expected spins \+-1, got 0 at site"),
        (lambda s: s.astype(np.float32), "expected int8 or int16 or int32 or int64 of shape"),
        (lambda s: s[:, :5], "got int8 of shape"),
    ],
)
def test_what_is_no_spin_is_one_line(spins, tmp_path, change, words):
    with pytest.raises(InputError, match=words) as caught:
        imported(change(spins), tmp_path)
    assert "mine.npy: configurations: " in str(caught.value) and "\n" not in str(caught.value)


def test_another_temperature_is_refused(spins, tmp_path):
    with pytest.raises(InputError, match=r"<s g> = <g tanh\(beta J h\)>"):
        imported(spins, tmp_path, BLOCK | {"beta": 0.45})


def test_the_exact_sampler_needs_a_narrow_torus(tmp_path):
    with pytest.raises(InputError, match="at most 8 sites in a row"):
        wide = from_settings(BLOCK | {"shape": [4, 12]})
        sample_reference(wide, tmp_path / "r.h5", settings={"sampler": "exact", "samples": 8}, seed=1)


@pytest.mark.parametrize("sampler", ["wolff", "heat_bath", "metropolis"])
def test_samplers_reach_equilibrium(sampler, tmp_path):
    """The energy of 64 chains within 5 errors of their means: false alarm 5e-6 each."""
    system = from_settings(BLOCK)
    settings = {"sampler": sampler, "samples": 1024, "chains": 64}
    record = sample_reference(system, tmp_path / "r.h5", settings=settings, seed=5)
    with open_ensemble(tmp_path / "r.h5") as ensemble:
        energy, chain = system.view(ensemble.read()).energy, ensemble.chain[:]
    means = np.bincount(chain, energy) / np.bincount(chain)
    exact = system.exact_values()[0]["value"]
    assert record["equilibrated"] and abs(means.mean() - exact) < 5 * means.std(ddof=1) / 8


def test_ground_states_of_a_frustrated_lattice(tmp_path):
    """At beta = 5 local moves keep stripes, whose energy is right, and are refused; triangles melt them."""
    system = from_settings(BLOCK | {"beta": 5.0, "coupling": -1.0, "lattice": "triangular", "shape": [6, 6]})
    settings = {"sampler": "heat_bath", "samples": 256, "chains": 64}
    with pytest.raises(NotEquilibrated):
        sample_reference(system, tmp_path / "h.h5", settings=settings, seed=6)
    record = sample_reference(system, tmp_path / "r.h5", settings=settings | {"sampler": "triangles"}, seed=6)
    assert record["equilibrated"]
    with open_ensemble(tmp_path / "r.h5") as ensemble:
        spins = ensemble.read()
    assert abs(system.view(spins).energy.mean() - system.exact_values()[0]["value"]) < 1e-3
    # All but some 1e-4 of the ground states of 6 x 6 have one bond of three alike in each direction.
    for axis in (1, 2):
        assert abs((spins * np.roll(spins, 1, axis)).mean() + 1 / 3) < 0.01


def test_triangles_are_those_of_an_antiferromagnet(tmp_path):
    settings = {"sampler": "triangles", "samples": 64, "chains": 8}
    with pytest.raises(InputError, match="triangular with a negative coupling"):
        sample_reference(from_settings(BLOCK), tmp_path / "r.h5", settings=settings, seed=6)
