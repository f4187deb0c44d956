"""The contract of a form: what one sample is, how samples are stored, read, imported, compared and drawn.

`forms/<name>/__init__.py` beside `schema.yaml` (or `forms/<name>.py` beside `<name>.yaml`) holds a `Form` as `form`; the
YAML names its files (`contracts.declaration.declared_form`). What only the judge and the figures need lies beside it, where
there is any, so that other jobs do not depend on it: `two_sample.py` with `two_sample_tests`, a `TwoSampleTests`,
`figures.py` with `figures` (`contracts.figure`), and `checks.py` with `check(settings)`, which is shown the blocks `system`,
`reference` and `studies` before any job, for what schemas cannot say of a user's file.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
import pandas as pd

from emulant.contracts.source import Source
from emulant.contracts.system import System

__all__ = ["Ensemble", "Form", "HasGroups", "HasUnweighted", "TwoSampleTests", "Writer"]


class Ensemble(Protocol):
    """An open file of samples; a context manager.

    Attributes:
        path: the file.
        attributes: provenance.
        site_shape: shape of one configuration; () where samples are no arrays.
        rows_per_chunk: samples that are read at a time.
        chain: number of the Markov chain of each sample, (N,), or None where samples are independent.
        log_weight: (N,), or None where samples count alike.
        recorded_log_weight: -S - log q, (N,), of samples that count alike until they are corrected, or None.
        log_q: log density of each sample under the model that made it, (N,), or None.
        averages: (groups, columns) of a run that measured more often than it kept samples, or None.
        facts: further columns by name, (N, ...) each, where samples do not carry them.
    """

    path: Path
    attributes: Mapping[str, Any]
    site_shape: tuple[int, ...]
    rows_per_chunk: int
    chain: Any
    log_weight: Any
    recorded_log_weight: Any
    log_q: Any
    averages: Any
    facts: Mapping[str, Any]

    def __len__(self) -> int: ...

    def read(self, start: int = 0, stop: int | None = None) -> Any:
        """Samples of a range."""

    def chunks(self, size: int) -> Iterator[Any]:
        """All samples, `size` at a time."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...


@runtime_checkable
class HasGroups(Protocol):
    """An ensemble whose samples depend on each other in groups, such as several outputs of one input."""

    @property
    def groups(self) -> np.ndarray:
        """Number of the group of each sample, (N,), from 0 on."""


@runtime_checkable
class HasUnweighted(Protocol):
    """An ensemble, maybe with weights, of which samples can be drawn that count alike."""

    def unweighted(self, count: int) -> Any:
        """At most `count` samples that count alike: the first, or of weighted ones a random part."""


class Writer(Protocol):
    """A file of samples that appears, whole, when its context ends without an error."""

    def append(
        self, samples: Any, *, facts: Mapping[str, np.ndarray] | None = None, **columns: np.ndarray
    ) -> None:
        """Add samples, their facts by name, and their columns, (n,) each."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: Any) -> None: ...


class Form(Protocol):
    """A form of samples; one object in `forms/<name>.py`, as `form`.

    Attributes:
        name: of the file or folder.
    """

    name: ClassVar[str]

    def open(self, path: Path, system: System | None = None) -> Ensemble:
        """Open a file; raises InputError where it is damaged or, with `system`, of another shape."""

    def import_file(
        self, system: System, path: Path, *, settings: Mapping[str, Any], seed: int, half: str
    ) -> dict[str, Any]:
        """Write one half, `reference` or `training`, of a user's file to `path`; returns the diagnostics.

        Raises:
            InputError: where the file cannot be of this system.
        """

    def merge(
        self,
        path: Path,
        parts: Sequence[Path],
        attributes: Mapping[str, Any],
        *,
        samples: int,
        alike: Sequence[str],
    ) -> None:
        """Copy the samples of `parts`, files with the attribute `first_sample`, in their order to `path`.

        Arguments:
            path: file to write.
            parts: files of samples.
            attributes: provenance of the whole.
            samples: how many there must be.
            alike: attributes in which all parts must agree.

        Raises:
            InputError: where parts do not belong together, or a sample is missing or there twice.
        """

    def writer(
        self,
        path: Path,
        attributes: Mapping[str, Any],
        like: Any,
        *,
        columns: Sequence[str] = (),
        facts: Mapping[str, np.ndarray] | None = None,
    ) -> Writer:
        """Open a file for samples.

        Arguments:
            path: the file.
            attributes: provenance.
            like: samples whose type and shape the file has.
            columns: which of `chain`, `log_q` and `log_weight` are written.
            facts: name -> (n, ...), further columns whose type and shape the file has.
        """


class TwoSampleTests(Protocol):
    """Tests that know no physics, of every ensemble against the reference."""

    def __call__(
        self, system: System, ensembles: Mapping[Source, Ensemble], tau_int: Mapping[Source, float], seed: int
    ) -> pd.DataFrame:
        """Compute the tests.

        Arguments:
            system: of the ensembles.
            ensembles: open, in a fixed order, the reference among them.
            tau_int: longest autocorrelation time of each source, in samples.
            seed: of all random numbers.

        Returns:
            columns model, variant, observable (the test), index, statistic, null, error, p, correlated, pull.
        """
