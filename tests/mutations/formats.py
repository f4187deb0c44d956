"""Every format that users bring: a valid file, its importer, and its kinds of damage."""

import hashlib
import random
from abc import ABC, abstractmethod
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import h5py
import numpy as np
import pyarrow.parquet as pq

from emulant.collisions import imported
from emulant.collisions.events import Events, concatenated
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import facts_path, read_events, write_events
from emulant.errors import InputError
from emulant.forms import pairs as room
from emulant.storage.ensemble import open_ensemble
from emulant.storage.imported import import_configurations
from emulant.storage.pairs import open_pairs
from emulant.storage.yaml_files import read_yaml
from tests.collisions.foreign_files import write_hepmc, write_oscar1997, write_oscar2013, write_urqmd
from tests.mutations.contents import altered_arrays, altered_table
from tests.mutations.damage import BYTES, LINES

__all__ = ["FORMATS", "Format"]

DEUTERONS = {"projectile": (2, 1), "target": (2, 1), "energy": 10.0, "impact": (1.0, 1.0)}
"""Small events, whose every charge and whose energy are known."""
EVENTS, FEWEST, ROWS = 12, 10, 160
"""A few more events and rows than the fewest of a file, so that not every shorter file is refused for its length.

Files of the 128 events that users must have would be read no otherwise, in ten times the time.
"""
ATTRIBUTES = {"system": "none", "parameters": "{}", "sampler": "file", "seed": "1", "library_versions": "{}"}
PAIRS = SimpleNamespace(kind="none", parameters={}, site_shape=(2,), input_shape=(3,), output_shape=(2,))
EXPERIMENT = b"""\
title: A test
about: Of the workflow itself.
system: {kind: phi4, shape: [8, 8], kappa: 0.26, lambda: 0.022}
reference: &reference
  sampler: hmc
  samples: 1.0e+3
models: [ve_diffusion, {name: flow, training: {epochs: 2, rate: 1e-3}}]
again: *reference
"""


class Format(ABC):
    """A kind of file.

    Arguments:
        name: of the file, with the ending that its reader goes by.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write a valid file."""

    @abstractmethod
    def read(self, file: Path, target: Path) -> list[np.ndarray]:
        """Import a file to `target`; returns all that was read."""

    def damage(self, folder: Path, draw: random.Random) -> str:
        """Damage the file in a folder; returns how."""
        return _damaged(folder / self.name, BYTES, draw)


class Text(Format):
    """Whose lines can be damaged too."""

    def damage(self, folder: Path, draw: random.Random) -> str:
        return _damaged(folder / self.name, BYTES if draw.random() < 0.4 else LINES, draw)


class Arrays(Format):
    """Of fields or pairs, in .npy, .npz or HDF5."""

    def arrays(self) -> dict[str, np.ndarray]:
        """What a valid file holds."""
        draw = np.random.default_rng(1)
        return {"configurations": draw.normal(size=(ROWS, 3, 4)), "chain": np.arange(ROWS) // (ROWS // 2)}

    def write(self, folder: Path) -> None:
        self._store(folder / self.name, self.arrays())

    def damage(self, folder: Path, draw: random.Random) -> str:
        if draw.random() < 0.5:
            return super().damage(folder, draw)
        kind, arrays = altered_arrays(self.arrays(), draw)
        self._store(folder / self.name, arrays)
        return f"array: {kind}"

    def read(self, file: Path, target: Path) -> list[np.ndarray]:
        for half in ("training", "reference"):
            import_configurations(file, target, (3, 4), ATTRIBUTES, dataset="configurations", half=half)
        with open_ensemble(target) as ensemble:
            return [ensemble.read(), ensemble.chain]

    def _store(self, path: Path, arrays: dict[str, np.ndarray]) -> None:
        if path.suffix == ".npy":
            np.save(path, next(iter(arrays.values())))
        elif path.suffix == ".npz":
            (np.savez_compressed if "packed" in path.name else np.savez)(path, **arrays)
        else:
            with h5py.File(path, "w") as file:
                for name, values in arrays.items():
                    values = values.astype("S") if values.dtype.kind in "UM" else values
                    packing = (
                        {"compression": "gzip", "chunks": True}
                        if "packed" in path.name and values.ndim and values.size
                        else {}
                    )
                    file.create_dataset(name, data=values, **packing)


class PairArrays(Arrays):
    """Inputs, outputs and one condition."""

    def arrays(self) -> dict[str, np.ndarray]:
        draw = np.random.default_rng(1)
        inputs, outputs = draw.normal(size=(ROWS, 3)), draw.normal(size=(ROWS, 2))
        return {"inputs": inputs, "outputs": outputs, "eta": np.arange(ROWS)}

    def read(self, file: Path, target: Path) -> list[np.ndarray]:
        with patch.object(room, "declared_system", lambda kind: {"conditions": ["eta"]}):
            room.form.import_file(PAIRS, target, settings={"file": file}, seed=1, half="training")
        with open_pairs(target, shapes=((3,), (2,))) as pairs:
            part = pairs.read()
            return [part.inputs, part.outputs, part.conditions["eta"]]


class EventText(Text):
    """Of a generator, by one of the writers of the tests."""

    def __init__(self, name: str, writer) -> None:
        super().__init__(name)
        self.writer = writer

    def write(self, folder: Path) -> None:
        self.writer(folder / self.name, _events())

    def read(self, file: Path, target: Path) -> list[np.ndarray]:
        return _imported_events(file, target)


class EventTables(Format):
    """Two tables in Parquet."""

    def write(self, folder: Path) -> None:
        write_events(folder / self.name, _events(), ATTRIBUTES)

    def damage(self, folder: Path, draw: random.Random) -> str:
        file = draw.choice((folder / self.name, facts_path(folder / self.name)))
        if draw.random() < 0.5:
            return _damaged(file, BYTES, draw)
        kind, table = altered_table(pq.read_table(file), draw)
        pq.write_table(table, file)
        return f"table: {kind}"

    def read(self, file: Path, target: Path) -> list[np.ndarray]:
        return _imported_events(file, target)


class Experiment(Text):
    """A mapping in YAML."""

    def write(self, folder: Path) -> None:
        (folder / self.name).write_bytes(EXPERIMENT)

    def read(self, file: Path, target: Path) -> list[np.ndarray]:
        return [np.frombuffer(repr(read_yaml(file)).encode(errors="replace"), np.uint8)]


def _events() -> Events:
    return concatenated(list(Surrogate(**DEUTERONS).events(EVENTS, seed=1)))


def _imported_events(file: Path, target: Path) -> list[np.ndarray]:
    with patch.object(imported, "FEWEST", FEWEST):
        imported.import_half(file, target, DEUTERONS, ATTRIBUTES, half="training")
    events = read_events(target)
    return [events.number, events.counts, events.pdg, events.momenta, events.facts["impact_parameter"]]


def _damaged(file: Path, kinds, draw: random.Random) -> str:
    damage = draw.choice(kinds)
    file.write_bytes(damage(file.read_bytes(), draw))
    return damage.__name__.replace("_", " ")


def digest(arrays: list[np.ndarray]) -> str:
    """Of all that was read."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


def outcome(form: Format, folder: Path, valid: str) -> tuple[str, str]:
    """Read a file: "refused", "unchanged" or "other data"; otherwise what is wrong. And words.

    Whatever else is raised is a traceback in the user's terminal; a refusal leaves no file.
    """
    target = folder / "out" / ("half.parquet" if "event" in type(form).__name__.lower() else "half.h5")
    try:
        now = digest(form.read(folder / form.name, target))
    except InputError as error:
        words = str(error)
        if left := sorted(
            path.name for path in target.parent.iterdir() if path.stem != "half" or "tmp" in path.name
        ):
            return "something left", f"{left} after {words}"
        return ("refused", words) if "\n" not in words else ("several lines", words)
    except BaseException as error:
        return "traceback", f"{type(error).__name__}: {error}"
    return ("unchanged", "") if now == valid else ("other data", "")


FORMATS = {
    form.name: form
    for form in (
        *(Arrays(f"fields.{ending}") for ending in ("npy", "npz", "packed.npz", "h5", "packed.h5")),
        *(PairArrays(f"pairs.{ending}") for ending in ("npz", "h5")),
        EventTables("events.parquet"),
        EventText("urqmd.f13", partial(write_urqmd, more=" 0.1E+01" * 8)),
        EventText("urqmd.f14", partial(write_urqmd, times=2)),
        EventText("urqmd.f19", write_oscar1997),
        EventText("smash.oscar", write_oscar2013),
        EventText("second.hepmc", partial(write_hepmc, version=2)),
        EventText("third.hepmc", write_hepmc),
        Experiment("experiment.yaml"),
    )
}
