"""Samplers in pieces: whatever the shards, and wherever a job is killed, the same bytes."""

from types import SimpleNamespace

import numpy as np
import pytest

from emulant.contracts.sampler import Sampler, ShardedSampler
from emulant.errors import InputError
from emulant.forms.fields import form
from emulant.forms.streamed import Chunk, Streamed
from emulant.storage.ensemble import EnsembleWriter, open_ensemble
from emulant.storage.pieces import condition_of, pieces_of
from emulant.storage.provenance import provenance

SYSTEM = SimpleNamespace(kind="gaussian", parameters={"width": 2.0}, site_shape=(3,))
SETTINGS = {"sampler": "exact", "samples": 95, "conditions": {"shift": [0.0, 100.0]}}
SIZE = 16
drawn = []


def attributes(system, settings, seed):
    return provenance(
        system=system.kind, parameters=system.parameters, sampler=settings["sampler"], seed=seed
    )


def generate(system, piece, settings, seed):
    """Normal variables about a shift; a piece draws all its numbers, whatever part of it is kept."""
    drawn.append(piece.number)
    shift = condition_of(settings, piece.number)["shift"]
    values = system.parameters["width"] * piece.generator(seed).normal(size=(SIZE, *system.site_shape))
    chosen = slice(piece.skip, piece.skip + piece.count)
    facts = {"shift": np.full(piece.count, shift), "time": np.arange(SIZE)[chosen, None] * 1.0}
    yield Chunk(np.float32(values[chosen] + shift), facts)


def record(system, path, settings):
    return {"sampler": settings["sampler"], "samples": settings["samples"]}


@pytest.fixture
def sampler():
    drawn.clear()
    return Streamed(form, SIZE, attributes, record, generate, "gaussian")


def whole(sampler, folder):
    sampler(SYSTEM, folder / "whole.h5", settings=SETTINGS, seed=7, checkpoint=folder / "c.npz")
    return (folder / "whole.h5").read_bytes()


def shards(sampler, folder, size):
    """Files of all shards, the last made first."""
    files = [folder / f"{size}.{k}.h5" for k in range(-(-SETTINGS["samples"] // size))]
    for k in reversed(range(len(files))):
        sampler.shard(
            SYSTEM, files[k], settings=SETTINGS, seed=7, checkpoint=folder / "s.npz", shard=k, size=size
        )
    return files


def test_it_is_a_sampler_that_can_be_asked_for_shards(sampler):
    assert isinstance(sampler, ShardedSampler)
    assert not isinstance(lambda system, path: None, ShardedSampler)
    assert Sampler.__call__


@pytest.mark.parametrize("size", [10, 16, 20, 64, 95])
def test_the_bytes_do_not_depend_on_the_shards(sampler, tmp_path, size):
    expected = whole(sampler, tmp_path)
    files = shards(sampler, tmp_path, size)
    merged = tmp_path / "merged.h5"
    assert sampler.merge(SYSTEM, merged, files, settings=SETTINGS, seed=7)["samples"] == 95
    assert merged.read_bytes() == expected
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file.parent != tmp_path]


def test_a_call_without_shards_writes_no_pieces(sampler, tmp_path):
    whole(sampler, tmp_path)
    assert drawn == list(range(6))
    assert [file.name for file in tmp_path.rglob("*")] == ["whole.h5"]


def test_a_call_that_fails_leaves_no_file(sampler, tmp_path, monkeypatch):
    append = EnsembleWriter.append

    def dying(self, *arguments, **columns):
        if len(drawn) == 4:
            raise KeyboardInterrupt
        append(self, *arguments, **columns)

    monkeypatch.setattr(EnsembleWriter, "append", dying)
    with pytest.raises(KeyboardInterrupt):
        whole(sampler, tmp_path)
    assert not list(tmp_path.rglob("*"))


def test_pieces_have_their_conditions_in_turn(sampler, tmp_path):
    whole(sampler, tmp_path)
    with open_ensemble(tmp_path / "whole.h5") as ensemble:
        shift = ensemble.facts["shift"]
        means = ensemble.read().mean(axis=1) - shift
        assert ensemble.facts["time"].shape == (95, 1)
    assert shift.tolist() == ([0.0] * SIZE + [100.0] * SIZE) * 2 + [0.0] * SIZE + [100.0] * 15
    assert np.abs(means).max() < 10


def test_several_conditions_are_combined():
    settings = {"conditions": {"a": [1, 2], "b": [3, 4]}}
    assert [condition_of(settings, k) for k in (0, 1, 2, 4)] == [
        {"a": 1, "b": 3},
        {"a": 1, "b": 4},
        {"a": 2, "b": 3},
        {"a": 1, "b": 3},
    ]
    assert condition_of({}, 5) == {}


def test_a_killed_shard_goes_on_with_the_pieces_that_are_missing(sampler, tmp_path, monkeypatch):
    expected = whole(sampler, tmp_path)
    drawn.clear()
    append = EnsembleWriter.append

    def dying(self, *arguments, **columns):
        if len(drawn) == 4:
            raise KeyboardInterrupt
        append(self, *arguments, **columns)

    call = {"settings": SETTINGS, "seed": 7, "checkpoint": tmp_path / "s.npz", "shard": 0, "size": 95}
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(EnsembleWriter, "append", dying)
        sampler.shard(SYSTEM, tmp_path / "0.h5", **call)
    assert not (tmp_path / "0.h5").exists()
    sampler.shard(SYSTEM, tmp_path / "0.h5", **call)
    assert drawn == [0, 1, 2, 3, 3, 4, 5]
    sampler.merge(SYSTEM, tmp_path / "merged.h5", [tmp_path / "0.h5"], settings=SETTINGS, seed=7)
    assert (tmp_path / "merged.h5").read_bytes() == expected


def test_pieces_of_another_run_and_damaged_ones_are_made_again(sampler, tmp_path):
    first = pieces_of(tmp_path / "s", 95, SIZE, "h5")
    other = SETTINGS | {"conditions": {"shift": [5.0]}}
    sampler.make(SYSTEM, first[:3], attributes(SYSTEM, other, 7), settings=other, seed=7)
    first[3].path.write_bytes(b"damaged")
    drawn.clear()
    files = shards(sampler, tmp_path, 95)
    assert drawn == list(range(6))
    sampler.merge(SYSTEM, tmp_path / "merged.h5", files, settings=SETTINGS, seed=7)
    assert (tmp_path / "merged.h5").read_bytes() == whole(sampler, tmp_path)


def test_shards_that_do_not_belong_together_are_refused(sampler, tmp_path):
    files = shards(sampler, tmp_path, 20)
    sampler.shard(
        SYSTEM, tmp_path / "x.h5", settings=SETTINGS, seed=8, checkpoint=tmp_path / "x.npz", shard=1, size=20
    )
    for chosen, words in (
        (files[:-1], "95 in all shards, got 80"),
        ([files[0], *files[2:]], "sample 20 once, got sample 20 missing"),
        ([files[0], files[0], *files[2:]], "sample 0 once, got sample 0 there twice"),
        ([files[0], tmp_path / "x.h5", *files[2:]], "seed: expected 7 as in 20.0.h5, got 8"),
    ):
        with pytest.raises(InputError, match=words):
            sampler.merge(SYSTEM, tmp_path / "merged.h5", chosen, settings=SETTINGS, seed=7)
        assert not (tmp_path / "merged.h5").exists()
