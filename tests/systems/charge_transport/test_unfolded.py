"""Studies of unfolding: the floor of a toy, what a perfect and a blind model get, other physics, shapes of events."""

import numpy as np
import pytest
import torch

from emulant.contracts.family import Samples
from emulant.contracts.study import StudyInputs
from emulant.kinetic.densities import CELL, SHAPE
from emulant.plots.format import value_with_error
from emulant.storage.pairs import Pairs, PairsWriter
from emulant.storage.provenance import provenance
from emulant.systems.charge_transport.answers import (
    answer,
    bayes_floor,
    floor_of,
    independent_floor_of,
    responses_of,
)
from emulant.systems.charge_transport.studies import studies
from emulant.systems.charge_transport.unfolding_figures import (
    evolution,
    recovered,
    robustness,
    shapes,
    without_separation,
)
from emulant.systems.charge_transport.views import AZIMUTH
from tests.systems.charge_transport.small import system

EVENTS, SAMPLES, WIDTH = 20, 512, 0.15
SURVIVAL = np.array([0.6, 0.5, 0.4, 0.3, 0.3, 0.2, 0.2, 0.15])
MULTIPLICITY = 800.0
DIPOLE = np.stack([np.sin(AZIMUTH), -np.sin(AZIMUTH)])[:, None] * np.ones((2, SHAPE[1], 1))


def poisson_pairs(samples=SAMPLES, seed=1):
    """Slices of independent particles, each azimuth with 1 + 2 f survival sin phi."""
    generator = np.random.default_rng(seed)
    f = generator.uniform(-WIDTH, WIDTH, samples)
    modulation = 1 + 2 * (f[:, None] * SURVIVAL)[:, :, None, None, None] * DIPOLE
    counts = generator.poisson(MULTIPLICITY * EVENTS / np.prod(SHAPE) * modulation) / EVENTS / CELL
    slices = counts.astype(np.float32)
    return Pairs(slices[:, -1], slices[:, :-1], {"pairs": np.ones((samples, 8)), "separation": f})


@pytest.fixture(scope="module")
def pairs():
    return poisson_pairs()


class Known:
    """A model that draws from the Gaussian posterior of f given the last dipole, and slices in proportion to f."""

    def __init__(self, error, shrink):
        self.error, self.shrink = error, shrink

    def sample_variant(self, variant, count, generator, condition):
        maps = condition["inputs"].double().numpy()
        charges = maps.sum(2)
        sines = (charges @ np.sin(AZIMUTH)) / charges.sum(2)
        f = self.shrink * 0.5 * (sines[:, 0] - sines[:, 1]) / SURVIVAL[-1]
        return self.answered(f)

    def sample(self, count, generator, condition):
        mean = self.sample_variant("mean", count, generator, condition).facts["separation"].numpy()
        noise = torch.randn(count, generator=generator).numpy()
        return self.answered(mean + self.error * noise)

    def answered(self, f):
        slices = 1 + 2 * (f[:, None] * SURVIVAL[:-1])[:, :, None, None, None] * DIPOLE
        return Samples(torch.from_numpy(slices), {"separation": torch.from_numpy(f)})


def floor():
    """<sin^2> = 1/2 of each of the particles of all events: the error of D is 1 / sqrt(2 N)."""
    return 1 / np.sqrt(2 * MULTIPLICITY * EVENTS) / SURVIVAL[-1]


def test_the_floor_of_independent_particles_is_theirs(pairs):
    """Both floors within four errors of 512 samples, 1 / sqrt(2 * 512) each and what the response adds."""
    tolerance = 4 / np.sqrt(2 * SAMPLES)
    assert abs(floor_of(pairs) / floor() - 1) < tolerance
    assert abs(independent_floor_of(pairs, EVENTS) / floor() - 1) < tolerance
    np.testing.assert_allclose(responses_of(pairs), SURVIVAL, rtol=0.1)


def test_no_estimate_is_better_than_the_mean_of_the_posterior():
    """Against the posterior mean on a grid, of 40,000 draws: its rmse within four errors, that of the linear one above."""
    generator, error = np.random.default_rng(9), 0.03
    f = generator.uniform(-0.05, 0.15, 40_000)
    grid = np.linspace(-0.05, 0.15, 401)
    data = f + error * generator.standard_normal(len(f))
    table = np.linspace(-0.3, 0.4, 701)
    weight = np.exp(-0.5 * ((table[:, None] - grid) / error) ** 2)
    errors = np.interp(data, table, weight @ grid / weight.sum(axis=1)) - f
    rmse, floor = np.sqrt((errors**2).mean()), bayes_floor(error, -0.05, 0.15)
    assert abs(rmse / floor - 1) < 4 / np.sqrt(2 * len(f))
    linear = (error**-2 + 12 / 0.2**2) ** -0.5
    assert floor < 0.97 * linear


def test_a_posterior_passes_and_a_blind_or_too_certain_model_does_not(tmp_path, pairs):
    """rmse, calibration, coverage and ranks of the Gaussian posterior; halved errors and no response are seen."""
    path = tmp_path / "reference.h5"
    attributes = provenance(system="charge_transport", parameters={}, sampler="toy", seed=1)
    conditions = {name: (v.dtype.name, v.shape[1:]) for name, v in pairs.conditions.items()}
    with PairsWriter(path, SHAPE, (7, *SHAPE), attributes=attributes, conditions=conditions) as writer:
        writer.append(pairs)
    prior = WIDTH / np.sqrt(3)
    error = (floor() ** -2 + prior**-2) ** -0.5
    shrink = error**2 / floor() ** 2
    models = {
        "posterior": Known(error, shrink),
        "certain": Known(0.5 * error, shrink),
        "blind": Known(prior, 0.0),
    }
    inputs = StudyInputs({"repeats": 24}, 3, path, models)
    table, record = studies["unfolded"](system(events=EVENTS), inputs)
    good, certain, blind = (record[name] for name in models)
    assert abs(good["rmse"] / record["floor_with_prior"] - 1) < 4 * np.sqrt(2 / (2 * SAMPLES))
    assert abs(good["calibration"] - 1) < 4 * good["calibration_error"]
    assert abs(good["slope"] - shrink) < 4 * good["slope_error"]
    assert good["ranks_p"] > 1e-3 > certain["ranks_p"]
    binomial = np.sqrt(0.68 * 0.32 / SAMPLES)
    assert abs(good["coverage"] - 0.68) < 4 * binomial < 0.68 - certain["coverage"]
    assert good["coverage_expected"] == 17 / 25 and blind["rmse"] > 0.9 * prior
    figures = recovered(table[table["slice"] < 0], record["floor"], list(models))
    error = value_with_error(good["rmse"], good["rmse"] / np.sqrt(2 * SAMPLES))
    assert f"rms error {error}" in figures.axes[0].get_title()
    assert len(figures.axes) == 6 and evolution(table[table["slice"] >= 0], list(models)).axes


def test_a_model_is_shown_inputs_alone(pairs):
    shown = []

    class Watching(Known):
        def sample(self, count, generator, condition):
            shown.append(set(condition))
            return super().sample(count, generator, condition)

    answer(Watching(0.1, 1.0), pairs[:8], torch.Generator().manual_seed(1))
    assert shown == [{"inputs"}]


def test_other_physics_and_shapes_can_be_measured_and_drawn():
    """Of few samples of small nuclei: every case has a row a model, beyond the range f is beyond; figures can be drawn."""
    small = system(events=2, flow=0.3, partons=100.0)
    inputs = StudyInputs({"samples": 16, "separation": 0.6}, 4, None, {"known": Known(0.1, 1.0)})
    table, _ = studies["robustness"](small, inputs)
    assert len(table) == len(set(table["case"])) == 7 and set(table["model"]) == {"known"}
    rows = table.set_index("case")
    assert rows.loc["as trained", "survival"] == 1
    assert rows["slope"].isna().sum() == 2 and (table["bias_error"] > 0).all()
    # A model that takes the last dipole over a response of its own has that slope.
    assert np.isclose(
        rows.loc["beyond the range", "slope"] / rows.loc["as trained", "slope"],
        rows.loc["beyond the range", "survival"],
    )
    assert robustness(table, ["known"]).axes
    assert without_separation(table[table["slope"].isna()], ["known"]).axes
    settings = {"events": 120, "separation": 0.6, "classes": 3}
    table, record = studies["event_shapes"](small, StudyInputs(settings, seed=5))
    signal = record["separation_0.6"]
    assert signal["intercept"] > 3 * signal["intercept_error"]
    assert signal["curvature"] > 3 * signal["curvature_error"] > 0
    assert record["separation_0"]["intercept"] < signal["intercept"]
    assert shapes(table, record).axes
