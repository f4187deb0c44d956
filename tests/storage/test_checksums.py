"""Damage is found by checksum, wherever it happened; what is whole, or not ours, is left alone."""

import os

import pytest

from emulant.errors import InputError
from emulant.storage.checksums import check_inputs, forget, record, set_damaged_aside


@pytest.fixture
def file(tmp_path, monkeypatch):
    """An output of a job, recorded."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "results/smoke/weights.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(range(256)) * 10)
    record(["results/smoke/weights.safetensors"])
    return path


def flip(path, at=1000):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_a_whole_file_passes(file):
    check_inputs(["results/smoke/weights.safetensors"])
    assert set_damaged_aside() == []


@pytest.mark.parametrize(
    "damage", [flip, lambda path: os.truncate(path, 700), lambda path: os.truncate(path, 0)]
)
def test_damage_is_named_and_set_aside(file, damage):
    damage(file)
    with pytest.raises(InputError, match=r"weights\.safetensors: content: expected what the workflow wrote"):
        check_inputs(["results/smoke/weights.safetensors"])
    assert [str(name) for name in set_damaged_aside()] == ["results/smoke/weights.safetensors"]
    assert not file.exists()
    assert file.with_name(".weights.safetensors.damaged").exists()
    assert set_damaged_aside() == []


def test_a_touched_file_is_whole(file):
    os.utime(file, ns=(1, 1))
    check_inputs(["results/smoke/weights.safetensors"])
    assert set_damaged_aside() == []


def test_files_of_others_are_not_looked_at(file, tmp_path):
    own = tmp_path / "own.npy"
    own.write_bytes(b"anything")
    check_inputs(["own.npy", str(own), "results/smoke/never_made.csv"])
    assert set_damaged_aside() == []


def test_a_file_about_to_be_remade_is_vouched_for_no_longer(file):
    forget(["results/smoke/weights.safetensors"])
    flip(file)
    assert set_damaged_aside() == []
