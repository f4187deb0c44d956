"""Checkpoints whose bytes changed are never continued: the job starts again and says so."""

import os

import numpy as np
import pytest
import torch

from emulant.markov.checkpoint import Checkpoint
from emulant.storage.stream import RowStream
from emulant.training.checkpoint import load_checkpoint, save_checkpoint

ATTRIBUTES = {"system": "phi4", "parameters": "{}", "sampler": "hmc", "seed": 1, "code_version": "0"}
COLUMNS = {"configurations": ("float32", (4,))}


def flip(path, fraction):
    data = bytearray(path.read_bytes())
    data[int(fraction * (len(data) - 1))] ^= 8
    path.write_bytes(data)


@pytest.fixture
def checkpoint(tmp_path):
    """A checkpoint of a chain with its rows."""
    checkpoint = Checkpoint(tmp_path / "reference.npz", ATTRIBUTES)
    rows = RowStream(checkpoint.rows, COLUMNS)
    rows.append({"configurations": np.ones((100, 4), np.float32)})
    rows.flush()
    checkpoint.save({"rows": 100, "stream": rows.vouch()}, {"fields": np.arange(1000.0)})
    rows.append({"configurations": np.ones((10, 4), np.float32)})
    rows.close()
    return checkpoint


def test_a_chain_goes_on_from_whole_files(checkpoint):
    saved = checkpoint.load()
    assert saved.record["rows"] == 100
    assert (saved.state["fields"] == np.arange(1000.0)).all()


@pytest.mark.parametrize("fraction", np.linspace(0, 1, 41))
def test_a_changed_byte_of_a_chain_is_harmless_or_seen(checkpoint, fraction):
    """Bytes of the archive that carry no content, as dates do, may change."""
    flip(checkpoint.path, fraction)
    saved = checkpoint.load()
    assert saved is None or (saved.state["fields"] == np.arange(1000.0)).all()


@pytest.mark.parametrize("size", [0, 1, 30, 500, 8000])
def test_a_cut_checkpoint_of_a_chain_is_seen(checkpoint, size, capsys):
    os.truncate(checkpoint.path, size)
    assert checkpoint.load() is None
    assert "reference.npz: damaged" in capsys.readouterr().err


@pytest.mark.parametrize("damage", [lambda rows: flip(rows, 0.5), lambda rows: os.truncate(rows, 800)])
def test_damaged_rows_of_a_chain_are_seen(checkpoint, damage, capsys):
    damage(checkpoint.rows)
    assert checkpoint.load() is None
    assert "reference.rows: damaged" in capsys.readouterr().err


def test_rows_behind_the_checkpoint_may_be_cut(checkpoint):
    os.truncate(checkpoint.rows, 1650)
    assert checkpoint.load() is not None


@pytest.fixture
def training(tmp_path):
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, "stamp", 7, {"network": {"w": torch.arange(100.0), "b": torch.tensor(2)}})
    return path


def test_a_training_goes_on_from_a_whole_file(training):
    step, groups = load_checkpoint(training, "stamp")
    assert step == 7
    assert torch.equal(groups["network"]["w"], torch.arange(100.0))
    assert load_checkpoint(training, "another") is None


@pytest.mark.parametrize("fraction", np.linspace(0, 1, 41))
def test_a_changed_byte_of_a_training_is_seen(training, fraction, capsys):
    flip(training, fraction)
    assert load_checkpoint(training, "stamp") is None
    assert "model.safetensors: damaged" in capsys.readouterr().err


@pytest.mark.parametrize("size", [0, 4, 100, 400])
def test_a_cut_training_is_seen(training, size):
    os.truncate(training, size)
    assert load_checkpoint(training, "stamp") is None
