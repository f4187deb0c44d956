"""How far a reference has come: one file that a killed job continues from, or that is ignored where it is another's."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from emulant.storage.atomic import atomic_path

__all__ = ["Checkpoint", "Saved"]


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
        kept = {key: attributes[key] for key in ("system", "parameters", "sampler", "seed")}
        sources = attributes["code_version"].split(" commit")[0]
        self.stamp = json.dumps([kept, sources, settings], sort_keys=True)

    @property
    def rows(self) -> Path:
        """Where the configurations wait until all are there."""
        return self.path.with_suffix(".rows")

    def save(self, record: dict[str, Any], state: dict[str, np.ndarray] | None = None) -> None:
        """Replace the checkpoint."""
        text = json.dumps({"stamp": self.stamp, **record})
        with atomic_path(self.path) as temporary, temporary.open("wb") as file:
            np.savez(file, record=np.frombuffer(text.encode(), np.uint8), **(state or {}))

    def load(self) -> Saved | None:
        """The checkpoint of this very job, or None."""
        if not self.path.exists():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as file:
                record = json.loads(file["record"].tobytes().decode())
                state = {key: file[key] for key in file.files if key != "record"}
        except (OSError, ValueError, KeyError):
            return None
        return Saved(record, state) if record.pop("stamp", None) == self.stamp else None

    def remove(self) -> None:
        """Forget it: the job is done."""
        self.path.unlink(missing_ok=True)
