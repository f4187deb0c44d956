"""Where samples come from: a model, and the variant of its ensemble."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self, TypeVar

import pandas as pd

__all__ = [
    "CORRECTIONS",
    "REFERENCE",
    "TRAINING",
    "Source",
    "by_source",
    "learned_from_samples",
    "of_source",
    "paired",
    "sources_in",
]

COLUMNS = ["model", "variant"]
CORRECTIONS = ("metropolis", "weighted")
"""Variants in which the true action repairs what a model generated."""
Item = TypeVar("Item")


class Source(NamedTuple):
    """The columns `model` and `variant` of every table.

    Attributes:
        model: `reference`, `training`, or the name of a model.
        variant: empty for samples as generated; else what was done with them (`metropolis`, `weighted`, a variant that
            the family declares) or a further training (`training2`, ...).
    """

    model: str
    variant: str = ""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """The raw ensemble of a model block; a further training is a variant of the first."""
        if "training_of" in settings:
            return cls(settings["training_of"], f"training{settings['training_number']}")
        return cls(settings["name"])

    @property
    def name(self) -> str:
        """One word for file names and keys; nothing reads it back."""
        return f"{self.model}_{self.variant}" if self.variant else self.model

    @property
    def raw(self) -> bool:
        """Whether these are samples as a training of the model generates them."""
        return not self.variant or self.variant.startswith(TRAINING.model)

    @property
    def interpolated(self) -> bool:
        """Whether these are training samples as a model uses them: between their conditions, or beyond their inputs."""
        return self.model == "training" and bool(self.variant)

    @property
    def corrected(self) -> bool:
        """Whether the true action was used to correct them."""
        return self.variant in CORRECTIONS


REFERENCE, TRAINING = Source("reference"), Source("training")


def paired(sources: Iterable[Sequence[str]], items: Iterable[Item]) -> dict[Source, Item]:
    """Source -> item, from pairs (model, variant) and items in the same order."""
    return {Source(*source): item for source, item in zip(sources, items, strict=True)}


def sources_in(table: pd.DataFrame) -> list[Source]:
    """Sources of the rows, in the order in which they first appear."""
    return list(dict.fromkeys(map(Source._make, zip(table["model"], table["variant"], strict=True))))


def learned_from_samples(source: Source, attributes: Mapping[str, Any]) -> bool:
    """Whether these are samples of a model that learned its law from training samples, by their file's attributes."""
    return source not in (REFERENCE, TRAINING) and attributes.get("learned_from") != "action"


def of_source(table: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Rows of one source."""
    return table[(table["model"] == source.model) & (table["variant"] == source.variant)]


def by_source(table: pd.DataFrame) -> Iterator[tuple[Source, pd.DataFrame]]:
    """Each source with its rows, in the order in which they first appear."""
    for key, rows in table.groupby(COLUMNS, sort=False):
        yield Source(*key), rows
