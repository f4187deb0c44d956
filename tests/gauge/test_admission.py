"""Users' files of angles: other branches are wrapped with a word, other units and other theories are refused in a line."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.forms import open_samples
from emulant.gauge.chains import LinkChains, LinkTrajectory
from emulant.gauge.exact_sampler import exact_links, exact_plaquettes
from emulant.stages.identities import FALSE_ALARM, identity_record
from emulant.storage.records import read_json
from emulant.systems.u1.system import U1
from tests.imports import import_array

SYSTEM = U1(3.0, (6, 6))
BLOCK = {"kind": "u1", "beta": 3.0, "shape": [6, 6]}
ROWS = 400


@pytest.fixture(scope="module")
def links():
    generator = np.random.default_rng(1)
    angles = exact_plaquettes(SYSTEM.exact, ROWS, generator).angles
    return exact_links(angles, SYSTEM.site_shape, generator)


def imported(links, folder, block=BLOCK):
    """Import an array as the reference; returns the configurations, the attributes, and the diagnostics."""
    import_array(links, folder, block)
    with open_samples(folder / "reference.h5", SYSTEM) as ensemble:
        return ensemble.read(), dict(ensemble.attributes), read_json(folder / "reference.json")


def test_angles_in_range_are_taken_as_they_are(links, tmp_path):
    taken, attributes, record = imported(links, tmp_path)
    np.testing.assert_array_equal(taken, links[ROWS // 2 :])
    assert taken.dtype == np.float64 and "remarks" not in attributes and "remarks" not in record
    single, attributes, _ = imported(links.astype(np.float32), tmp_path)
    np.testing.assert_allclose(np.exp(1j * single), np.exp(1j * taken), atol=1e-6)
    assert "remarks" not in attributes and single.max() < np.pi


def test_other_branches_are_wrapped_with_a_word(links, tmp_path):
    turns = np.random.default_rng(2).integers(-3, 4, links.shape)
    taken, attributes, record = imported(links + 2 * np.pi * turns, tmp_path)
    np.testing.assert_allclose(taken, links[ROWS // 2 :], atol=1e-13)
    assert list(attributes["remarks"]) == record["remarks"] == ["links outside of [-pi, pi) were wrapped"]


def test_branches_that_single_precision_rounds_away_are_refused(links, tmp_path):
    """2 pi 3 10^5 in single precision has steps of 1/8; the same in double precision is only wrapped."""
    turns = np.random.default_rng(2).integers(-300_000, 300_000, links.shape)
    far = links + 2 * np.pi * turns
    with pytest.raises(
        InputError, match=r"expected angles that are rounded to no more than 0.001, .* rounded to 0\.12"
    ):
        imported(far.astype(np.float32), tmp_path)
    assert imported(far, tmp_path)[2]["remarks"] == ["links outside of [-pi, pi) were wrapped"]


@pytest.mark.parametrize(
    ("unit", "words"), [(180 / np.pi, "degrees"), (1 / np.pi, "units of pi"), (1 / (2 * np.pi), "turns")]
)
def test_other_units_are_named(links, tmp_path, unit, words):
    with pytest.raises(InputError) as caught:
        imported(links * unit, tmp_path)
    message = str(caught.value)
    assert (
        f"mine.npy: configurations: expected angles in radians, got {words}" in message
        and "\n" not in message
    )
    assert not (tmp_path / "reference.h5").exists()


def test_what_is_not_finite_or_too_large_is_named(links, tmp_path):
    broken = links.copy()
    broken[7, 1, 2, 3] = np.nan
    with pytest.raises(
        InputError, match=r"mine\.npy: configurations: expected finite numbers, got NaN or infinity in row 7"
    ):
        imported(broken, tmp_path)
    with pytest.raises(InputError, match=r"mine\.npy: configurations: expected whole numbers to 1e-06"):
        imported(links + 1e12, tmp_path)


def test_another_coupling_is_refused(links, tmp_path):
    """By the Schwinger-Dyson identity, with its name."""
    with pytest.raises(InputError, match=r"<\(dS/dtheta\)\^2> = <d\^2S/dtheta\^2> per site for u1"):
        imported(links, tmp_path, BLOCK | {"beta": 3.6})


def test_right_files_are_refused_as_seldom_as_stated():
    """Files of 128 samples whose charges are rare or common, skewed and discrete: 60 of each, none at one in two million."""
    generator = np.random.default_rng(3)
    for beta in (1.0, 2.5, 3.0):
        system = U1(beta, (6, 6))
        assert system.exact.charge_squared > 0.25
        angles = exact_plaquettes(system.exact, 60 * 64, generator).angles
        links = exact_links(angles, system.site_shape, generator)
        for violations in system.global_violations(links).values():
            for part in np.split(violations, 60):
                record = identity_record(part, None, 1)
                assert (
                    min(record[name] for name in ("p", "centre_p", "worst_p") if name in record) > FALSE_ALARM
                )


def test_frozen_chains_are_refused(tmp_path):
    """A cold start without shifts at beta = 8 obeys every local identity and has no charge: <Q^2> says so."""
    cold = LinkChains(np.zeros((128, 2, 12, 12)), 8.0, seed=1)
    cold.advance(LinkTrajectory.of(8.0, (2, 12, 12), False), 40)
    rows = []
    for _ in range(2):
        cold.advance(LinkTrajectory.of(8.0, (2, 12, 12), False), 5)
        rows.append(cold.fields)
    block = {"kind": "u1", "beta": 8.0, "shape": [12, 12]}
    with pytest.raises(InputError, match=r"<Q\^2> = 0\.488.* per configuration for u1"):
        imported(np.concatenate(rows), tmp_path, block)
