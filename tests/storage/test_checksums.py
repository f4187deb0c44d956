"""Damage is found by checksum, wherever it happened; what is whole, or not ours, is left alone."""

import os

import pytest

from emulant.errors import InputError
from emulant.storage.checksums import check_inputs, damaged_files, forget, record


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
    assert damaged_files() == []


@pytest.mark.parametrize(
    "damage", [flip, lambda path: os.truncate(path, 700), lambda path: os.truncate(path, 0)]
)
def test_damage_is_named(file, damage):
    damage(file)
    with pytest.raises(InputError, match=r"weights\.safetensors: content: expected what the workflow wrote"):
        check_inputs(["results/smoke/weights.safetensors"])
    assert [str(name) for name in damaged_files()] == ["results/smoke/weights.safetensors"]


def test_a_touched_file_is_whole(file):
    os.utime(file, ns=(1, 1))
    check_inputs(["results/smoke/weights.safetensors"])
    assert damaged_files() == []


def test_files_of_others_are_not_looked_at(file, tmp_path):
    foreign = tmp_path / "own.npy"
    foreign.write_bytes(b"anything")
    check_inputs(["own.npy", str(foreign), "results/smoke/never_made.csv"])
    assert damaged_files() == []


def test_a_removed_file_is_forgotten(file):
    file.unlink()
    assert damaged_files() == []
    file.write_bytes(b"another")
    assert damaged_files() == []


def test_a_file_about_to_be_remade_is_vouched_for_no_longer(file):
    forget(["results/smoke/weights.safetensors"])
    flip(file)
    assert damaged_files() == []


def test_a_hidden_copy_beside_a_file_is_not_vouched_for(file, tmp_path):
    for path in (file, tmp_path / ".snakemake/checksums/results/smoke/weights.safetensors.json"):
        path.with_name(f"._{path.name}").write_bytes(b"\0\xff")
    assert damaged_files() == []
