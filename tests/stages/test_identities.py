"""Identities held against references: right ones pass at the stated rate, wrong ones and frozen chains stop the job."""

import h5py
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.lattice.free import free_power
from emulant.stages.identities import FALSE_ALARM, identity_record
from emulant.stages.reference import write_reference
from emulant.storage.records import read_json
from emulant.systems.phi4.system import Phi4
from emulant.systems.quartic_well.system import QuarticWell

SHAPE, SITES = (8, 8), 64
FREE = Phi4(0.2, 0.0, SHAPE)


def free_chains(chains, length, tau_int, seed, kappa=0.2):
    """Free fields (chains, length, *SHAPE) whose squares have this tau_int: every mode is an AR(1) process."""
    generator, square = np.random.default_rng(seed), (2 * tau_int - 1) / (2 * tau_int + 1)
    root = np.sqrt(free_power(kappa, SHAPE))

    def drawn():
        return np.fft.ifft2(root * np.fft.fft2(generator.normal(size=(chains, *SHAPE)))).real

    fields = [drawn()]
    while len(fields) < length:
        fields.append(np.sqrt(square) * fields[-1] + np.sqrt(1 - square) * drawn())
    return np.stack(fields, axis=1).astype(np.float32)


def smallest_p(record):
    return min(record[name] for name in ("p", "centre_p", "worst_p") if name in record)


@pytest.mark.parametrize("length", [64, 256])
def test_right_autocorrelated_chains_are_refused_as_seldom_as_stated(length):
    """Sixty chains of tau_int = 10, the half of files of 128 and 512: none is refused, with blocks of N / 64 39 and 8 were.

    At 1 % each of the tests fails at most twice as often; 180 are correlated by threes, hence the margin of 4 errors.
    """
    records = [
        identity_record(violations, np.zeros(length), SITES)
        for fields in free_chains(60, length, 10, seed=1)
        for violations in FREE.violations(fields).values()
    ]
    assert min(map(smallest_p, records)) > FALSE_ALARM
    for name in ("p", "centre_p", "worst_p"):
        assert np.mean([record.get(name, 1.0) < 0.01 for record in records]) < 0.02 + 4 * np.sqrt(0.02 / 60)


@pytest.mark.parametrize("size", [64, 4096])
def test_right_independent_samples_of_a_skewed_law_pass(size):
    """A single site, whose phi^3 dS/dphi is far from Gaussian: 100 files, no refusal at one in two million."""
    well, generator = QuarticWell(mu2=1.0, g=0.4), np.random.default_rng(2)
    for _ in range(100 if size < 100 else 20):
        for violations in well.violations(well.sample(size, generator)).values():
            assert smallest_p(identity_record(violations, None, 1)) > FALSE_ALARM


def test_another_coupling_is_refused_through_its_autocorrelation():
    (fields,) = free_chains(1, 4096, 3, seed=3)
    records = [
        identity_record(v, np.zeros(4096), SITES) for v in Phi4(0.215, 0.0, SHAPE).violations(fields).values()
    ]
    assert min(map(smallest_p, records)) < FALSE_ALARM
    assert 2 < records[0]["tau_int"] < 4


@pytest.fixture
def imported(tmp_path):
    """A function (fields (chains, length, *SHAPE)) -> record of their second half as a reference."""

    def imported(fields, kappa=0.2):
        chains, length = fields.shape[:2]
        with h5py.File(tmp_path / "mine.h5", "w") as file:
            file["configurations"] = fields.swapaxes(0, 1).reshape(-1, *SHAPE)
            file["chain"] = np.tile(np.arange(chains), length)
        write_reference(
            tmp_path / "reference.h5",
            tmp_path / "reference.json",
            tmp_path / "cost.json",
            role="reference",
            system={"kind": "phi4", "kappa": kappa, "lambda": 0.0, "shape": list(SHAPE)},
            reference={"sampler": "file", "file": str(tmp_path / "mine.h5")},
            seed=1,
            checkpoint=tmp_path / "c.npz",
            threads=1,
        )
        return read_json(tmp_path / "reference.json")

    return imported


def test_the_record_lists_what_was_passed(imported):
    identities = imported(free_chains(16, 32, 0.5, seed=4))["identities"]
    assert list(identities) == [
        "<phi dS/dphi> = 1",
        "<phi^3 dS/dphi> = 3 <phi^2>",
        "<phi_{x+1} dS/dphi_x> = 0",
    ]
    for record in identities.values():
        assert abs(record["pull"]) < 5 and record["groups"] == 16 and record["worst_pull"] < 10
        assert record["mean"] == pytest.approx(record["pull"] * record["error"])
        assert record["centre"] == pytest.approx(record["centre_pull"] * record["centre_error"])


@pytest.mark.parametrize("frozen", [1, 2])
def test_frozen_chains_in_a_file_are_refused(imported, tmp_path, frozen):
    """Whose own error lets them through: the mean is off by at most 1.5 of it."""
    fields = free_chains(32, 16, 0.5, seed=5)
    fields[:frozen] = 20 * fields[:frozen, :1]
    means = FREE.violations(fields[:, 8:].reshape(-1, *SHAPE))["<phi dS/dphi> = 1"].reshape(32, 8).mean(1)
    assert abs(means.mean()) < 1.5 * means.std(ddof=1) / np.sqrt(32)
    with pytest.raises(InputError, match=r"one group .* times their spread away") as caught:
        imported(fields)
    assert len(str(caught.value).splitlines()) == 1 and not (tmp_path / "reference.h5").exists()


def test_a_configuration_that_ran_away_is_refused_in_a_file_without_chains(imported):
    fields = free_chains(1, 1024, 2, seed=6)
    imported(fields)
    fields[0, 900] *= 30
    with pytest.raises(InputError, match="expected <phi dS/dphi> = 1 per site"):
        imported(fields)
