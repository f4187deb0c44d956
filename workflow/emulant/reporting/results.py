"""The files of one experiment, where a missing one is empty instead of an error."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.events import Events
from emulant.collisions.tables import open_events
from emulant.storage.ensemble import open_ensemble
from emulant.storage.records import read_json

__all__ = ["NOT_EQUILIBRATED", "Results"]

NOT_EQUILIBRATED = "not equilibrated"


class Results:
    """An experiment's folder.

    Arguments:
        folder: results/<scale>/<experiment>.
        models: names of its models, in the order to show them.
    """

    def __init__(self, folder: Path, models: list[str]) -> None:
        self.folder, self.models = folder, list(models)

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.folder.name

    def table(self, name: str) -> pd.DataFrame:
        """A CSV of the folder, empty where there is none."""
        file = self.folder / f"{name}.csv"
        return pd.read_csv(file) if file.exists() else pd.DataFrame()

    def record(self, name: str) -> dict[str, Any]:
        """A JSON of the folder, empty where there is none."""
        file = self.folder / f"{name}.json"
        return read_json(file) if file.exists() else {}

    def tables(self, name: str) -> dict[str, pd.DataFrame]:
        """The CSV `name` of every model that has one with rows."""
        found = {model: self.table(f"{model}/{name}") for model in self.models}
        return {model: table for model, table in found.items() if len(table)}

    def records(self, name: str) -> dict[str, dict[str, Any]]:
        """The JSON `name` of every model that has one."""
        found = {model: self.record(f"{model}/{name}") for model in self.models}
        return {model: record for model, record in found.items() if record}

    def ensembles(self) -> dict[str, Path]:
        """Source -> file, of the reference and of every model that has an ensemble."""
        suffix = "parquet" if self.events else "h5"
        files = {"reference": self.folder / f"reference.{suffix}"}
        files |= {model: self.folder / model / f"ensemble.{suffix}" for model in self.models}
        return _existing(files)

    def unprojected(self) -> dict[str, Path]:
        """Source -> file, of events before the projection on exact sums, where this run has measured them."""
        table = self.table("observables")
        measured = set(table["source"]) if len(table) else set()
        name = "ensemble_unprojected.parquet"
        files = {f"{model}_unprojected": self.folder / model / name for model in self.models}
        return _existing({source: file for source, file in files.items() if source in measured})

    @property
    def events(self) -> Path | None:
        """The table of events of the reference, where it is one."""
        file = self.folder / "reference.parquet"
        return file if file.exists() else None

    def configurations(self, count: int) -> dict[str, np.ndarray]:
        """The first configurations (count, L, L) of each source; of more dimensions a plane, of fewer none."""
        found = {}
        for source, file in self.ensembles().items() if not self.events else ():
            with open_ensemble(file) as ensemble:
                if len(ensemble.site_shape) >= 2 and len(ensemble) >= count:
                    fields = ensemble.read(0, count)
                    found[source] = fields[(slice(None), *[0] * (fields.ndim - 3))]
        return found

    def first_events(self, count: int, *, unprojected: bool = False) -> Iterator[tuple[str, Events]]:
        """Each source with at most `count` of its events, one at a time; none where configurations are fields."""
        files = self.ensembles() | (self.unprojected() if unprojected else {})
        for source, file in files.items() if self.events else ():
            with EventEnsemble(file) as ensemble:
                yield source, ensemble.read(0, count)

    @cached_property
    def attributes(self) -> dict[str, dict[str, Any]]:
        """Attributes of each source's ensemble."""
        found = {}
        for source, file in self.ensembles().items():
            with open_events(file) if self.events else open_ensemble(file) as ensemble:
                found[source] = dict(ensemble.attributes)
        return found

    @cached_property
    def notes(self) -> dict[str, str]:
        """Source -> what must be said wherever it is shown."""
        found = {source: attributes.get("label", "") for source, attributes in self.attributes.items()}
        for source, attributes in self.attributes.items():
            if not attributes.get("equilibrated", True):
                found[source] = NOT_EQUILIBRATED
        return {source: note for source, note in found.items() if note}


def _existing(files: dict[str, Path]) -> dict[str, Path]:
    return {source: file for source, file in files.items() if file.exists()}
