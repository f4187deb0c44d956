"""Closed paths as a system: what is refused, ln Z, the Markov chains, studies of flows and figures."""

from pathlib import Path

import numpy as np
import pytest

from emulant.configuration.experiments import Overrides, load_experiment
from emulant.contracts.source import Source
from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.families.fourier_flow.model import Model
from emulant.judging.measure import measure
from emulant.quantum import figures
from emulant.storage.ensemble import open_ensemble
from emulant.systems import measured_observables
from emulant.systems.quantum_path.studies import studies
from emulant.systems.quantum_path.system import from_settings
from tests.families.test_fourier_flow import SETTINGS
from tests.quantum.wells import DOUBLE, HARMONIC, TABLE, TILTED
from tests.references import sample_reference

CONFIG = Path(__file__).parents[3] / "config"
SCHEMA = CONFIG.parent / "workflow/schemas/experiment.schema.yaml"


def system(potential=DOUBLE, temperature=0.5, points=12):
    return from_settings({"potential": potential, "temperature": temperature, "shape": [points]})


@pytest.mark.parametrize(
    ("block", "key"),
    [
        ({"shape": [1]}, "shape"),
        ({"temperature": 0.0}, "temperature"),
        ({"temperature": -1.0}, "temperature"),
        ({"mass": 0.0}, "mass"),
        ({"potential": [0.0, 0.0, 1.0, 1.0]}, "bounded from below"),
        ({"potential": [0.0, 0.0, -1.0]}, "bounded from below"),
    ],
)
def test_impossible_paths_are_one_line(block, key):
    overrides = Overrides({"path_oscillator": {"system": block}}, CONFIG / "config.yaml")
    with pytest.raises(InputError, match=key) as caught:
        load_experiment(CONFIG, "path_oscillator", "smoke", SCHEMA, overrides)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("row", TABLE[4:6])
def test_the_ground_state_follows_from_the_free_energy(row):
    coefficients, mass, spacing, points, energy, *_, log_trace = row
    block = {
        "potential": coefficients,
        "mass": mass,
        "temperature": 1 / (spacing * points),
        "shape": [points],
    }
    path = from_settings(block)
    assert path.spacing == pytest.approx(spacing)
    log_measure = points / 2 * np.log(mass / (2 * np.pi * spacing))
    assert path.log_partition() == pytest.approx(log_trace - log_measure, abs=2e-7)
    assert path.ground_energy(path.log_partition()) == pytest.approx(energy, abs=2e-7)


@pytest.mark.parametrize("potential", [DOUBLE, TILTED])
def test_chains_have_exact_values(potential, tmp_path):
    """Of 8 pulls and 20 bins none above 5, where errors are Gaussian: 2e-5."""
    path, file = system(potential), tmp_path / "r.h5"
    record = sample_reference(path, file, settings={"sampler": "hmc", "samples": 4096}, seed=7)
    assert record["equilibrated"] and record["acceptance"] > 0.7
    with open_ensemble(file) as ensemble:
        rows = measure(ensemble, path, measured_observables(None, path.kind), lambda *_: None).rows
    measured = rows.set_index(["observable", "index"])
    for row in path.exact_values():
        ours = measured.loc[(row["observable"], row["index"])]
        assert abs(ours["value"] - row["value"]) < 5 * ours["error"], row


def test_exact_paths_take_temperatures_in_turn(tmp_path):
    settings = {"sampler": "exact", "samples": 512, "conditions": {"temperature": [0.2, 2.0]}}
    sample_reference(system(), tmp_path / "r.h5", settings=settings, seed=1)
    with open_ensemble(tmp_path / "r.h5") as ensemble:
        temperatures, paths = ensemble.facts["temperature"][:], ensemble.read()
    assert temperatures[:4].tolist() == [0.2, 2.0, 0.2, 2.0]
    steps = np.square(np.diff(paths, axis=1)).mean(1)
    assert steps[temperatures == 0.2].mean() > 4 * steps[temperatures == 2.0].mean()


def free_model(**settings):
    """An untrained flow of the harmonic oscillator, whose law is exact."""
    path = system(HARMONIC)
    return path, Model.build({**SETTINGS, **settings}, None, path).eval()


def test_an_exact_flow_has_exact_energies_at_every_spacing():
    path, model = free_model()
    settings = {"points": [10, 16, 24], "samples": 256}
    table, record = studies["continuum"](path, StudyInputs(settings, 1, models={"flow": model}))
    np.testing.assert_allclose(table["energy"], table["exact"], atol=1e-6)
    assert table["ess"].min() > 0.9999 and record["continuum"] == pytest.approx(0.5, abs=1e-7)
    figure = figures.against_spacing(table, record["extrapolated"], record["continuum"], ["flow"])
    line, limit = figure.axes[0].lines[:2]
    np.testing.assert_allclose(line.get_xdata(), np.sort(table["spacing"] ** 2))
    assert limit.get_ydata()[0] == record["continuum"]


def test_gaps_with_the_noise_of_the_weights_alone():
    """Untrained, where paths are their own latents: within 4.5 errors of exact (3e-5), with a third of the noise."""
    quartic = system([0.0, 0.0, 0.5, 0.0, 0.25], 0.2)
    flow = Model.build(SETTINGS, None, quartic)
    inputs = StudyInputs({"flows": ["flow"], "samples": 8192}, 1, None, {"flow": flow, "other": flow})
    table, _ = studies["gaps"](quartic, inputs)
    assert table["sampler"].tolist() == ["flow", "flow"] and table["level"].tolist() == [1, 2]
    for name in ("gap", "plain"):
        assert ((table[name] - table["estimator"]).abs() < 4.5 * table[f"{name}_error"]).all()
    assert (table["gap_error"] < table["plain_error"] / 3).all()
    assert ((table["exact"] - table["estimator"]).abs() < 0.02 * table["exact"]).all()


def test_temperatures_of_the_training_are_marked():
    path, model = free_model(conditions={"temperature": [0.4, 0.6]})
    settings = {"temperatures": [0.4, 0.5], "samples": 512}
    table, _ = studies["temperatures"](path, StudyInputs(settings, 1, models={"flow": model}))
    assert table["trained"].tolist() == [True, False]
    np.testing.assert_allclose(table["minus_log_z"], table["exact_minus_log_z"], atol=1e-5)
    assert (np.abs(table["energy"] - table["exact"]) < 4.5 * table["energy_error"]).all()
    figure = figures.against_temperature(table, (np.array([0.4, 0.5]), np.array([0.5, 0.6])), ["flow"])
    assert len(figure.axes) == 2


def test_levels_are_drawn_in_per_cent_of_the_exact_ones():
    path = system()
    energies = path.exact.energies
    rows = [(0, 1.01 * energies[0], 0.1), (1, 0.99 * (energies[1] - energies[0]), 0.1)]
    figure = figures.levels({Source("flow"): rows}, path.exact, ["flow"])
    drawn = [axis.containers[0].lines[0].get_ydata()[0] for axis in figure.axes[:2]]
    np.testing.assert_allclose(drawn, [1.0, -1.0], atol=1e-9)
    assert not figure.axes[2].containers
