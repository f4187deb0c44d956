"""How far a reference has come: one file that a killed job continues from, or that is ignored where it is another's."""

import json
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from emulant.storage.atomic import atomic_path
from emulant.storage.stream import vouched

__all__ = ["Checkpoint", "Saved"]


DAMAGE = (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


class Saved(NamedTuple):
    """What was saved: a record of numbers and texts, and the state of the chains."""

    record: dict[str, Any]
    state: dict[str, np.ndarray]


class Checkpoint:
    """The checkpoint of one job.

    Arguments:
        path: of the file, .npz.
        attributes: of the ensemble; system, parameters, sampler, seed and sources must be equal to be continued.
        settings: of the job, that must be equal too.
    """

    def __init__(self, path: Path, attributes: dict[str, Any], **settings: Any) -> None:
        self.path = Path(path)
        identity = {key: attributes[key] for key in ("system", "parameters", "sampler", "seed")}
        sources = attributes["code_version"].split(" commit")[0]
        self.stamp = json.dumps([identity, sources, settings], sort_keys=True)

    @property
    def rows(self) -> Path:
        """Where the configurations wait until all are there."""
        return self.path.with_suffix(".rows")

    def save(self, record: dict[str, Any], state: dict[str, np.ndarray] | None = None) -> None:
        """Replace the checkpoint; `record["stream"]` is what the writer of the rows vouches for."""
        text = json.dumps({"stamp": self.stamp, **record})
        with atomic_path(self.path) as temporary, temporary.open("wb") as file:
            np.savez(file, record=np.frombuffer(text.encode(), np.uint8), **(state or {}))

    def load(self) -> Saved | None:
        """The checkpoint of this very job, or None; a damaged one is named and ignored."""
        if not self.path.exists():
            return None
        try:
            saved = self._read()
        except DAMAGE as error:
            print(f"{self.path}: damaged ({error}), starting again", file=sys.stderr)
            return None
        if saved.record.pop("stamp", None) != self.stamp:
            return None
        return saved if self._has_rows(saved.record) else None

    def _read(self) -> Saved:
        """What the file holds, every byte checked against the sums that the archive keeps."""
        with zipfile.ZipFile(self.path) as archive:
            if (broken := archive.testzip()) is not None:
                raise zipfile.BadZipFile(broken)
        with np.load(self.path, allow_pickle=False) as file:
            record = json.loads(file["record"].tobytes().decode())
            return Saved(record, {key: file[key] for key in file.files if key != "record"})

    def _has_rows(self, record: dict[str, Any]) -> bool:
        """Whether the stream still begins with the rows that the checkpoint vouches for."""
        if self.rows.exists() and vouched(self.rows, *record["stream"]):
            return True
        print(f"{self.rows}: damaged, starting again", file=sys.stderr)
        return False

    def remove(self) -> None:
        """Forget it: the job is done."""
        self.path.unlink(missing_ok=True)
