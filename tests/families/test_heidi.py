"""The model of whole events: symmetry, exact sums, training, and spectra before and after the projection."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from scipy.stats import kstest

from emulant.collisions.conserved import event_totals
from emulant.collisions.counts import species_counts
from emulant.collisions.events import Events, concatenated
from emulant.collisions.flow import flow_cumulants, tuple_sums
from emulant.collisions.surrogate import Surrogate
from emulant.contracts.family import Examples
from emulant.errors import InputError
from emulant.families._slots import masses_in
from emulant.families.heidi.conditions import GRID, MOMENTA
from emulant.families.heidi.gaussian import KindMaps
from emulant.families.heidi.kinds import EMPTY_KIND, TURNED, kinds_of
from emulant.families.heidi.loss import training_events
from emulant.families.heidi.model import Model
from emulant.families.heidi.momenta import Momenta
from emulant.families.heidi.set_network import SetNetwork, collective
from emulant.families.heidi.symmetry import Symmetry
from emulant.systems.collision.system import from_settings

SYSTEM = from_settings({"projectile": [32, 16], "target": [32, 16], "energy": 10.0, "impact": [0.0, 3.0]})
SETTINGS = {"network": {"channels": 16, "blocks": 2, "heads": 4}, "generation": {"steps": 3, "batch": 8}}


def seeded(seed=3):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def training():
    """Sulphur on sulphur: about 150 particles."""
    system = Surrogate(projectile=(32, 16), target=(32, 16), impact=(0.0, 3.0))
    return concatenated(list(system.events(192, 1)))


def fitted(events, steps=300):
    torch.manual_seed(1)
    model = Model.build(SETTINGS, events)
    examples, generator = model.rows(events, 0), seeded()
    optimizer = torch.optim.Adam(model.network.parameters(), lr=3e-3)
    for _ in range(steps):
        loss = model.loss(examples[torch.randint(len(examples), (16,), generator=generator)], generator)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


@pytest.fixture(scope="module")
def trained(training):
    return fitted(training)


@pytest.fixture(scope="module")
def generated(trained):
    return trained.sample(256, seeded()).values


def inputs(slots=12, particles=9):
    generator = seeded()
    x = torch.randn(2, slots, 3, generator=generator)
    kinds = torch.randint(26, (2, slots), generator=generator)
    occupied = (torch.arange(slots) < particles).expand(2, -1)
    return x, kinds, occupied, torch.randn(2, 5, generator=generator), torch.tensor([0.3, 1.2])


def awake():
    torch.manual_seed(2)
    network = SetNetwork(torch.arange(26) % 2, context=5, channels=16, blocks=2, heads=4).double()
    torch.nn.init.normal_(network.project.weight)
    return network


def call(network, x, kinds, occupied, context, angle):
    return network(x.double(), kinds, occupied, context.double(), angle.double()).detach()


def test_network_is_equivariant_and_independent_of_empty_slots():
    x, kinds, occupied, context, angle = inputs()
    network, order = awake(), torch.randperm(12, generator=seeded())
    output = call(network, x, kinds, occupied, context, angle)
    moved = call(network, x[:, order], kinds[:, order], occupied[:, order], context, angle)
    torch.testing.assert_close(moved, output[:, order], rtol=0, atol=1e-12)
    fewer = call(network, x[:, :9], kinds[:, :9], occupied[:, :9], context, angle)
    torch.testing.assert_close(fewer, output[:, :9], rtol=0, atol=1e-12)


def test_network_output_depends_on_other_particles():
    x, *rest = inputs()
    other = x.clone()
    other[:, 0] += 1
    change = call(awake(), other, *rest) - call(awake(), x, *rest)
    assert change[:, 1:9].abs().max() > 1e-3


def test_collective_sums():
    x = torch.tensor([[[1.0] * 3, [3.0] * 3, [50.0] * 3]])
    groups = torch.tensor([[[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]])
    sums = collective(x, x, groups) * 2**0.5
    torch.testing.assert_close(sums, torch.tensor([[[4.0] * 3 + [10.0] * 3, [3.0] * 3 + [9.0] * 3]]))


def test_maps_make_standard_normal_variables_and_go_back(training):
    maps = KindMaps.fit(training, masses_in(training))
    normal = maps.encode(training, np.random.default_rng(1))
    pion = training.species == 20
    for axis in range(3):
        assert kstest(normal[pion, axis], "norm").pvalue > 1e-3
    kinds = torch.from_numpy(kinds_of(training, maps.nodes[0, 1]))
    back = Momenta(maps)(torch.ones(1, 1), kinds[None], torch.from_numpy(normal)[None])[0].numpy()
    assert np.abs(back - training.momenta).std(axis=0).max() < 0.03


def test_sums_are_exact_in_every_event(training, generated):
    totals, expected = event_totals(generated), event_totals(training)
    assert np.abs(totals[:, :2]).max() < 1e-9
    np.testing.assert_array_equal(totals[:, 4:], np.tile([64, 32, 0], (256, 1)))
    np.testing.assert_allclose(totals[:, 2], 0, atol=1e-9)
    assert totals[:, 3].mean() == pytest.approx(expected[:, 3].mean(), rel=1e-9)
    squared = generated.momenta[:, 3] ** 2 - np.sum(generated.momenta[:, :3] ** 2, axis=1)
    np.testing.assert_allclose(squared, masses_in(training)[generated.species] ** 2, atol=1e-9)


def test_flow_that_fluctuates_is_learnt(training):
    """Events stretched along x or along y by chance: no mean flow, so that maps and sums know nothing of it.

    The loss falls below that of the network of zero output at the same noise, and c_2{2}, which has no mean flow to come
    from, is at least a third of that of the training events; this small network, solved to the limit, reaches 0.41 of it.
    """
    sign = np.random.default_rng(5).choice([-1, 1], len(training))[training.owner]
    stretched = training.momenta * np.exp(0.3 * np.multiply.outer(sign, [1, -1, 0, 0]))
    mass = masses_in(training)[training.species]
    stretched[:, 3] = np.sqrt(np.sum(stretched[:, :3] ** 2, axis=1) + mass**2)
    events = Events(training.number, training.counts, training.pdg, stretched, training.facts)
    model, fresh = fitted(events, steps=400), Model.build(SETTINGS, events)
    examples = model.rows(events, 2)
    with torch.no_grad():
        before, after = (m.loss(examples, seeded(8)).item() for m in (fresh, model))
    generated = [m.sample(256, seeded()).values for m in (fresh, model)]
    expected, nothing, learnt = (flow_cumulants(tuple_sums(e).mean(axis=0))[0] for e in (events, *generated))
    assert after < 0.98 * before
    assert abs(nothing) < 0.05 * expected and expected / 3 < learnt < 1.1 * expected


def test_particles_of_an_event_balance_before_any_projection(trained, training):
    """Sums of px and py scatter by less than a fifth, of E by less than two fifths, of what independent particles have."""
    for model in (Model.build(SETTINGS, training), trained):
        generated = model.sample_variant("unprojected", 192, seeded()).values
        alone = np.sqrt(generated.sums(generated.pt**2).mean() / 2)
        energy = np.sqrt(
            generated.sums(generated.momenta[:, 3] ** 2).mean()
            - generated.sums(generated.momenta[:, 3]).mean() ** 2 / generated.counts.mean()
        )
        width = event_totals(generated)[:, :4].std(axis=0)
        assert width[:2].max() < 0.2 * alone and width[3] < 0.4 * energy


def test_species_and_spectra(training, generated):
    """Each mean within 4.5 standard errors of both ensembles: numbers of species, pT and |y| of common ones."""
    for one, two in ((species_counts(training), species_counts(generated)),):
        error = np.sqrt(one.var(axis=0) / len(one) + two.var(axis=0) / len(two))
        assert (np.abs(one.mean(axis=0) - two.mean(axis=0)) <= 4.5 * error + 0.01).all()
    for kind in (0, 1, 18, 19, 20):
        assert pull(training, generated, kind, "pt") < 4.5
        assert pull(training, generated, kind, "rapidity") < 4.5


def test_projection_moves_spectra_less_than_errors(trained, training, generated):
    """pT and |y|; nucleons that were not hit stay along the beam."""
    bare = trained.sample_variant("unprojected", 256, seeded()).values
    np.testing.assert_array_equal(bare.pdg, generated.pdg)
    assert np.abs(event_totals(bare)[:, 0]).max() > 0.5
    for kind in (0, 1, 18, 19, 20):
        for values in (lambda e: e.pt, lambda e: np.abs(e.rapidity)):
            one, two = (values(e)[e.species == kind] for e in (bare, generated))
            error = one.std() / np.sqrt((training.species == kind).sum())
            assert abs(one.mean() - two.mean()) < 1.5 * error


def pull(one, two, kind, name):
    """Difference of means over particles, in standard errors from the scatter of events."""
    means, errors = [], []
    for events in (one, two):
        chosen = events.species == kind
        value = np.where(chosen, np.abs(getattr(events, name)), 0)
        total, number = events.sums(value), events.sums(chosen)
        means.append(total.sum() / number.sum())
        errors.append((total - means[-1] * number).std() / number.mean() / np.sqrt(len(events)))
    return abs(means[0] - means[1]) / np.hypot(*errors)


def test_saved_is_loaded(trained, tmp_path):
    model = trained
    save_file(
        model.finished(model.network.state_dict(), Examples(None), seeded()), tmp_path / "model.safetensors"
    )
    again = Model.load({"settings": SETTINGS}, tmp_path / "model.safetensors")
    one, two = (m.sample(5, seeded(), {"impact": 2.0}).values for m in (model, again))
    np.testing.assert_array_equal(one.momenta, two.momenta)
    assert one.facts["impact_parameter"].tolist() == [2.0] * 5
    assert one.number.tolist() == list(range(5))
    tensors = load_file(tmp_path / "model.safetensors")
    tensors.pop("maps.pt")
    save_file(tensors, tmp_path / "damaged.safetensors")
    with pytest.raises(InputError, match="damaged"):
        Model.load({"settings": SETTINGS}, tmp_path / "damaged.safetensors")


def test_events_without_particles_are_learnt(training):
    empty = training.where(training.owner > 0)
    model = Model.build(SETTINGS, empty)
    examples = model.rows(empty, 0)
    nothing = (examples[:, :-1, 3] == EMPTY_KIND).all(dim=1)
    assert nothing.sum() == 1
    assert torch.isfinite(model.loss(torch.cat([examples[nothing], examples[:3]]), seeded()))


def test_sums_in_an_acceptance_are_those_of_training(training):
    """At |y| < 0.7 no sum is fixed: widths of px, py, pz, E and B are those of training within 4 errors."""
    accepted = training.where(np.abs(training.rapidity) < 0.7)
    model = Model.build(SETTINGS, accepted)
    expected, widths = (
        event_totals(e)[:, :5].std(axis=0) for e in (accepted, model.sample(512, seeded()).values)
    )
    assert expected[0] > 1 and expected[4] > 1
    error = expected * np.sqrt(0.5 / len(accepted) + 0.5 / 512)
    assert (np.abs(widths - expected) < 4 * error).all()


def test_bound_nucleons_stay_bound(training):
    """Spectators of a cascade have energies below their shell: quantiles of their masses, and sums exact all the same."""
    spectator = (training.pt == 0) & (training.species < 2)
    mass = np.where(spectator, np.random.default_rng(1).uniform(0.88, 0.93, len(spectator)), 0)
    energy = np.sqrt(np.sum(training.momenta[:, :3] ** 2, axis=1) + mass**2)
    momenta = training.momenta.copy()
    momenta[spectator, 3] = energy[spectator]
    events = Events(training.number, training.counts, training.pdg, momenta, training.facts)
    model = Model.build(SETTINGS, events, SYSTEM)
    bare = model.sample_variant("unprojected", 192, seeded()).values
    generated = model.sample(192, seeded()).values
    masses = np.sqrt(generated.momenta[:, 3] ** 2 - np.sum(generated.momenta[:, :3] ** 2, axis=1))
    cold = (generated.pt == 0) & (generated.species < 2)
    assert kstest(masses[cold], "uniform", (0.88, 0.05)).pvalue > 1e-3
    np.testing.assert_allclose(bare.mass, generated.mass, atol=1e-6)
    others = generated.species >= 2
    np.testing.assert_allclose(masses[others], masses_in(events)[generated.species[others]], atol=1e-6)
    assert np.abs(event_totals(generated)[:, :2]).max() < 1e-9
    assert event_totals(generated)[:, 3].mean() == pytest.approx(event_totals(events)[:, 3].mean(), abs=0.3)


def test_images_of_an_event_are_what_they_say(training):
    """Turned and mirrored normal variables, kinds and sums are those of the turned and mirrored event."""
    model = Model.build(SETTINGS, training, SYSTEM)
    assert model.symmetry == Symmetry(mirror=True, half_turn=True)
    events = training_events(model.rows(training, 0)[:24])
    events.conditions[:, MOMENTA] = torch.tensor([1.0, 2.0, 3.0])
    images, occupied = model.velocity_loss.image(events, seeded()), events.occupied
    one, two = (
        model.momenta(model.momenta.weights(events.conditions[:, GRID].numpy()), batch.kinds, batch.normal)
        for batch in (events, images)
    )
    signs = torch.sign((one * two * occupied[..., None]).sum(dim=1))[:, :3]
    assert sorted({tuple(row) for row in signs.int().tolist()}) == sorted(
        [(1, 1, 1), (1, -1, 1), (-1, 1, -1), (-1, -1, -1)]
    )
    expected = (one[..., :3] * signs[:, None, :])[occupied]
    # Tables of both sides differ by how ties among the training particles were broken.
    assert (two[..., :3][occupied] - expected).abs().mean() < 2e-3
    torch.testing.assert_close(
        images.conditions[:, MOMENTA], events.conditions[:, MOMENTA] * signs.float(), rtol=0, atol=0
    )
    others = [0, 1, 5, 6, 7, 8]
    torch.testing.assert_close(images.conditions[:, others], events.conditions[:, others], rtol=0, atol=0)
    turned = signs[:, 2] < 0
    turned_kinds = images.kinds[turned][occupied[turned]]
    np.testing.assert_array_equal(turned_kinds, TURNED[events.kinds[turned][occupied[turned]]])


def test_spectra_between_impact_parameters():
    """At 2 fm, between tables at 0 and 4 fm, unhit nucleons follow a line in b^2 before any training."""
    parts = [
        concatenated(list(Surrogate(projectile=(32, 16), target=(32, 16), impact=(b, b)).events(128, 1)))
        for b in (0.0, 4.0)
    ]
    model = Model.build(SETTINGS, concatenated(parts))
    assert model.maps.nodes[:, 0].tolist() == [0, 4]
    generated = [
        model.sample_variant("unprojected", 128, seeded(), {"impact": b}).values for b in (0.0, 2.0, 4.0)
    ]
    still = [((e.pt == 0) & (e.species < 2)).sum() / (e.species < 2).sum() for e in [*parts, *generated]]
    assert still[2] == pytest.approx(still[0], rel=0.1) and still[4] == pytest.approx(still[1], rel=0.1)
    assert still[3] == pytest.approx((3 * still[0] + still[1]) / 4, rel=0.1)


def test_stream_is_sample_in_pieces(trained):
    parts = list(trained.stream(20, seeded()))
    assert [len(part) for part in parts] == [8, 8, 4]
    np.testing.assert_array_equal(concatenated(parts).momenta, trained.sample(20, seeded()).values.momenta)
