"""Whole events between the beam energies of the training: exact sums, spectators, numbers, and what is refused."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from emulant.collisions.conserved import event_totals
from emulant.collisions.events import concatenated
from emulant.collisions.freeze_out import beam_rapidity_at, stand_in_at
from emulant.contracts.family import Examples
from emulant.errors import InputError
from emulant.families.heidi.model import Model

NUCLEI = {"projectile": (32, 16), "target": (32, 16)}
SETTINGS = {"network": {"channels": 16, "blocks": 1, "heads": 4}, "generation": {"steps": 3, "batch": 64}}
BETWEEN = {"impact": 2.0, "energy": 9.0}


def seeded(seed=3):
    return torch.Generator().manual_seed(seed)


def drawn(impact, energy, seed=1, count=128):
    return concatenated(list(stand_in_at(energy, **NUCLEI, impact=(impact, impact)).events(count, seed)))


@pytest.fixture(scope="module")
def model():
    """Before any training: tables at two impact parameters and at three energies."""
    torch.manual_seed(1)
    parts = [drawn(b, energy) for b in (1.0, 3.0) for energy in (4.0, 8.0, 16.0)]
    return Model.build(SETTINGS, concatenated(parts))


@pytest.fixture(scope="module")
def truth():
    return drawn(*BETWEEN.values(), seed=7, count=512)


@pytest.fixture(scope="module")
def generated(model):
    return model.sample(512, seeded(), BETWEEN).values


def test_tables_and_conditions_of_the_network(model):
    beams = [beam_rapidity_at(energy) for energy in (4.0, 8.0, 16.0)]
    np.testing.assert_allclose(model.maps.nodes[:3], [[1.0, beam] for beam in beams])
    assert model.maps.nodes.shape == model.multiplicity.nodes.shape == (6, 2)
    one = Model.build(SETTINGS, drawn(1.0, 8.0, count=64))
    assert (model.flow.scales.shape, one.flow.scales.shape) == ((2, 9), (2, 8))


def test_sums_between_energies_are_exact(truth, generated):
    """Charges, transverse sums and, to 3 MeV of 148 GeV, the energy of the nuclei."""
    totals, expected = event_totals(generated), event_totals(truth)
    np.testing.assert_array_equal(totals[:, 4:], expected[:, 4:])
    np.testing.assert_allclose(totals[:, :3], 0, atol=1e-9)
    np.testing.assert_allclose(totals[:, 3], expected[:, 3], atol=3e-3)
    np.testing.assert_allclose(generated.facts["beam_energy"], 9.0, rtol=1e-12)


def test_spectators_between_energies_fly_on(model):
    """Before the last step unhit nucleons have the rapidity of the nuclei, to that of the two masses.

    A few in a hundred are in a range of transverse momenta that others share.
    """
    events = model.sample_variant("unprojected", 128, seeded(), BETWEEN).values
    rapidity = np.abs(events.rapidity[events.pt == 0])
    assert (np.abs(rapidity - beam_rapidity_at(9.0)) < 2e-3).mean() > 0.95


def test_numbers_and_spectra_between_energies(truth, generated):
    """Nucleons, pions and K+: numbers, p_T and |y| within 4.5 errors and, of the curve through few energies, 2 %."""
    for pdg in (2212, 2112, 211, -211, 321):
        for values in (lambda e: np.ones(len(e.pdg)), lambda e: e.pt, lambda e: np.abs(e.rapidity)):
            sums = [e.sums(values(e) * (e.pdg == pdg)) for e in (truth, generated)]
            error = np.hypot(*(part.std() / np.sqrt(len(part)) for part in sums))
            one, two = (part.mean() for part in sums)
            assert abs(one - two) < 4.5 * error + 0.02 * one


def test_without_conditions_they_are_those_of_training(model):
    events = model.sample(64, seeded()).values
    pairs = zip(events.facts["impact_parameter"], events.facts["beam_energy"].round(6), strict=True)
    assert set(pairs) <= {(b, energy) for b in (1.0, 3.0) for energy in (4.0, 8.0, 16.0)}


def test_weights_of_training_events_are_those_of_the_interpolation(model):
    """They give back constants, the square of b and a parabola in the rapidity of the nuclei; none where all b differ.

    Between two impact parameters it is the mean of b^2 over collisions, (1 + 9) / 2 fm^2.
    """
    for impact, square in ((2.0, 4.0), ([1.0, 3.0], 5.0)):
        columns = model.training_weights({"impact": impact, "energy": 9.0})
        beams = np.array([beam_rapidity_at(energy) for energy in columns["beam_energy"]])
        sums = [np.sum(columns["weight"] * f) for f in (1, columns["impact_parameter"] ** 2, beams**2)]
        np.testing.assert_allclose(sums, [1, square, beam_rapidity_at(9.0) ** 2], rtol=1e-9)
    events = concatenated(list(stand_in_at(9.0, **NUCLEI, impact=(1.0, 3.0)).events(256, 1)))
    assert Model.build(SETTINGS, events).training_weights(BETWEEN) == {}


def test_beyond_the_energies_is_refused(model):
    with pytest.raises(InputError, match="energy: expected 4 to 16, between which it was trained, got 20"):
        model.sample(4, seeded(), BETWEEN | {"energy": 20.0})


def test_saved_is_loaded(model, tmp_path):
    file = tmp_path / "model.safetensors"
    save_file(model.finished(model.network.state_dict(), Examples(None), seeded()), file)
    again = Model.load({"settings": SETTINGS}, file)
    one, two = (m.sample(4, seeded(), BETWEEN).values for m in (model, again))
    np.testing.assert_array_equal(one.momenta, two.momenta)
