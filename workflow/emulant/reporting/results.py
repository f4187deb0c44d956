"""The files of one experiment, where a missing one is empty instead of an error."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.form import HasUnweighted
from emulant.contracts.observable import Observable
from emulant.contracts.quantity import HasQuantities, Quantity
from emulant.contracts.source import REFERENCE, TRAINING, Source
from emulant.contracts.system import System
from emulant.forms import open_samples
from emulant.storage.records import read_json
from emulant.storage.tables import read_rows
from emulant.systems import observables_of, system_from

__all__ = ["NOT_EQUILIBRATED", "Results", "results_of"]

NOT_EQUILIBRATED = "not equilibrated"
VIEWED = 2
"""Samples of the reference that are read to learn which quantities their view shows."""


class Results:
    """An experiment's folder, as `contracts.figure.Results` says.

    Arguments:
        folder: results/<scale>/<experiment>.
        settings: block of the system.
        ensembles: files of all ensembles by source, in the order to show them.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], ensembles: Mapping[Source, Path]) -> None:
        self.folder, self.settings, self.ensembles = folder, settings, dict(ensembles)
        self.models = list(dict.fromkeys(s.model for s in ensembles if s not in (REFERENCE, TRAINING)))

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.folder.name

    @property
    def kind(self) -> str:
        """The kind of the system."""
        return self.settings["kind"]

    @cached_property
    def system(self) -> System:
        """The system of the experiment."""
        return system_from(self.settings)

    @property
    def observables(self) -> Mapping[str, Observable]:
        """Observables of the system by name."""
        return observables_of(self.kind)

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """What distributions are measured of, by name."""
        for _, samples in self.first_samples([REFERENCE], VIEWED):
            view = self.system.view(samples)
            return view.quantities if isinstance(view, HasQuantities) else {}
        return {}

    def table(self, name: str) -> pd.DataFrame:
        """A CSV of the folder, empty where there is none; an infinite number is NaN, as no axis has a place for it.

        Pulls stay infinite where numbers without error differ: they are drawn at the edge.
        """
        file = self.folder / f"{name}.csv"
        if not file.exists():
            return pd.DataFrame()
        table = read_rows(file)
        drawn = table.columns.drop("pull", errors="ignore")
        return table.assign(**table[drawn].replace([np.inf, -np.inf], np.nan))

    def record(self, name: str) -> dict[str, Any]:
        """A JSON of the folder, empty where there is none."""
        file = self.folder / f"{name}.json"
        return read_json(file) if file.exists() else {}

    def tables(self, name: str) -> dict[Source, pd.DataFrame]:
        """The CSV `name` of every training of every model that has one with rows."""
        tables = {source: self.table(f"{source.name}/{name}") for source in self.trained()}
        return {source: table for source, table in tables.items() if len(table)}

    def records(self, name: str) -> dict[Source, dict[str, Any]]:
        """The JSON `name` of every training of every model that has one."""
        records = {source: self.record(f"{source.name}/{name}") for source in self.trained()}
        return {source: record for source, record in records.items() if record}

    def trained(self) -> list[Source]:
        """Every training of every model."""
        return [source for source in self.ensembles if source.raw and source not in (REFERENCE, TRAINING)]

    def raw(self) -> list[Source]:
        """The reference and the models as generated, in the order to show them."""
        return [REFERENCE, *self.trained()]

    def variants(self) -> list[Source]:
        """Ensembles from which families left out a step of the generation."""
        return [source for source in self.ensembles if not (source.raw or source.corrected)]

    def first_samples(self, sources: Sequence[Source], count: int) -> Iterator[tuple[Source, Any]]:
        """Each source that has a file, with at most `count` of its samples."""
        for source, file in self._existing(sources).items():
            with open_samples(file, self.system) as ensemble:
                weighted = isinstance(ensemble, HasUnweighted)
                yield source, ensemble.unweighted(count) if weighted else ensemble.read(0, count)

    @cached_property
    def attributes(self) -> dict[Source, dict[str, Any]]:
        """Attributes of each raw ensemble."""
        attributes = {}
        for source, file in self._existing(self.raw()).items():
            with open_samples(file, self.system) as ensemble:
                attributes[source] = dict(ensemble.attributes)
        return attributes

    @cached_property
    def notes(self) -> dict[Source, str]:
        """Source -> what must be said wherever it is shown."""
        notes = {source: _note(attributes) for source, attributes in self.attributes.items()}
        return {source: note for source, note in notes.items() if note}

    def _existing(self, sources: Sequence[Source]) -> dict[Source, Path]:
        files = {source: self.ensembles[source] for source in sources if source in self.ensembles}
        return {source: file for source, file in files.items() if file.exists()}


def results_of(
    folder: Path, settings: Mapping[str, Mapping], ensembles: Mapping[str, Sequence[Sequence[str]]]
) -> dict[str, Results]:
    """The files of every experiment below `folder`.

    Arguments:
        folder: results/<scale>.
        settings: experiment -> its merged configuration.
        ensembles: experiment -> model, variant and file of each of its ensembles.
    """
    files = {
        name: {Source(model, variant): Path(file) for model, variant, file in ensembles[name]}
        for name in settings
    }
    return {name: Results(folder / name, block["system"], files[name]) for name, block in settings.items()}


def _note(attributes: Mapping[str, Any]) -> str:
    return attributes.get("label", "") if attributes.get("equilibrated", True) else NOT_EQUILIBRATED
