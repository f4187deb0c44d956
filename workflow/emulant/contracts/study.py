"""The contract of a study: a named extra table of a system or a model that is no observable.

The declaration says `models: all` (one table of an experiment from all its models and their ensembles), `each` (one
table for each model) or `none`, `reference: true` where it reads the reference, `corrections: true` where it reads what the
corrections of all models say of them. `studies.py` maps its name to a `Study`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pandas as pd

__all__ = ["Study", "StudyInputs", "StudyTable"]


@dataclass(frozen=True)
class StudyInputs:
    """What a study reads.

    Attributes:
        settings: its block of the experiment's `studies`, defaults of the declaration filled in.
        seed: of all random numbers.
        reference: file of the reference, where the declaration asks for it.
        models: name -> trained model.
        ensembles: name -> file of the raw ensemble, of `models: all`.
        corrections: name -> record of the corrections of a model, where it is corrected and the declaration asks for it.
    """

    settings: Mapping[str, Any]
    seed: int
    reference: Path | None = None
    models: Mapping[str, Any] = field(default_factory=dict)
    ensembles: Mapping[str, Path] = field(default_factory=dict)
    corrections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class StudyTable(NamedTuple):
    """The table, and what is said of it in the report's diagnostics."""

    table: pd.DataFrame
    record: dict[str, Any]


class Study(Protocol):
    """A function that makes the table of a study."""

    def __call__(self, system: Any, inputs: StudyInputs) -> StudyTable:
        """Compute the table."""
