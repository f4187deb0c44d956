"""The contract of a figure of an experiment: what draws it, its title and its caption.

`systems/<kind>/figures.py` and `forms/<name>/figures.py` hold `figures`, name -> `Figure`, in the order to show them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from emulant.contracts.observable import Observable
from emulant.contracts.quantity import Quantity
from emulant.contracts.source import Source
from emulant.contracts.system import System

__all__ = ["Figure", "Results"]


class Results(Protocol):
    """The files of an experiment, as figures read them; what has no file is empty.

    Attributes:
        system: the system of the experiment.
        settings: its block of the configuration.
        models: names of the models, in the order to show them; they fix colours and markers.
        notes: source -> what must be said wherever it is shown.
        observables: those of the system by name.
        quantities: what distributions are measured of, by name.
    """

    system: System
    settings: Mapping[str, Any]
    models: Sequence[str]
    notes: Mapping[Source, str]
    observables: Mapping[str, Observable]
    quantities: Mapping[str, Quantity]

    def table(self, name: str) -> pd.DataFrame:
        """A CSV of the experiment."""

    def record(self, name: str) -> dict[str, Any]:
        """A JSON of the experiment."""

    def tables(self, name: str) -> dict[Source, pd.DataFrame]:
        """The CSV `name` of every training of every model that has one with rows."""

    def records(self, name: str) -> dict[Source, dict[str, Any]]:
        """The JSON `name` of every training of every model that has one."""

    def raw(self) -> list[Source]:
        """The reference and the models as generated, in the order to show them."""

    def variants(self) -> list[Source]:
        """Ensembles for which families left out a step of the generation, or added one."""

    def first_samples(self, sources: Sequence[Source], count: int) -> Iterator[tuple[Source, Any]]:
        """Each source that has a file, with at most `count` of its samples, which count alike."""


@dataclass(frozen=True)
class Figure:
    """A figure.

    Arguments:
        draw: results of an experiment -> file name without suffix and matplotlib figure, of each that its files allow.
        title: above the caption.
        caption: what is shown, and how to read it.
        half: whether half of the page's width is enough.
    """

    draw: Callable[[Results], Iterator[tuple[str, Any]]]
    title: str
    caption: str
    half: bool = False
