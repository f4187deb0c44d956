"""Jackknife samples come back, and bad files are refused in one line."""

import h5py
import numpy as np
import pytest

from emulant.contracts.source import Source
from emulant.errors import InputError
from emulant.judging.samples import read_samples, write_samples

FLOW = Source("flow", "weighted")


def test_round_trip_with_plain_h5py(tmp_path):
    samples = np.random.default_rng(1).normal(size=(10, 4))
    path = tmp_path / "observables.jackknife.h5"
    write_samples(path, {FLOW: {"kappa": ((2, 4, 6, 8), samples)}})
    indices, stored = read_samples(path, [FLOW])[FLOW]["kappa"]
    assert indices == (2, 4, 6, 8)
    np.testing.assert_array_equal(stored, samples)
    with h5py.File(path) as file:
        assert list(file["flow_weighted/kappa/index"]) == [2, 4, 6, 8]
        assert file["flow_weighted/kappa/samples"].shape == (10, 4)


def test_same_samples_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_samples(tmp_path / name, {FLOW: {"kappa": ((2,), np.ones((3, 1)))}})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_truncated_and_foreign_files(tmp_path):
    path = tmp_path / "samples.h5"
    write_samples(path, {FLOW: {"kappa": ((2,), np.ones((300, 1)))}})
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match="jackknife samples"):
        read_samples(path, [FLOW])
    with h5py.File(path, "w") as file:
        file["flow_weighted"] = np.ones(3)
    with pytest.raises(InputError, match="jackknife samples"):
        read_samples(path, [FLOW])
