"""Ensembles in memory: of a sampler, of an array, of a file of one's own."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from emulant.api.scratch import Scratch, optional_libraries, quiet
from emulant.api.settings import reference_block
from emulant.api.systems import block_of
from emulant.contracts.declaration import declared_form, declared_system
from emulant.contracts.system import HasAdmission, HasDtype, System
from emulant.errors import InputError
from emulant.forms import form_of, open_samples
from emulant.stages.identities import checked_identities
from emulant.stages.reference import write_reference
from emulant.storage.provenance import provenance
from emulant.storage.records import read_json

__all__ = ["Ensemble", "ensemble", "halves", "reference"]


@dataclass(frozen=True, repr=False)
class Ensemble:
    """Samples of a system.

    Attributes:
        system: of the samples.
        file: where they lie; in a scratch folder unless they were loaded from a file of the workflow.
        name: in tables.
        record: what the sampler says of them.
    """

    system: System
    file: Path
    name: str = "samples"
    record: Mapping[str, Any] = field(default_factory=dict)
    scratch: Scratch | None = None

    def __repr__(self) -> str:
        return f"Ensemble({self.name}: {len(self)} samples of {self.system.kind} {self.system.parameters})"

    @cached_property
    def values(self) -> Any:
        """The samples in their form: an array (N, *site_shape), events, pairs."""
        with open_samples(self.file, self.system) as samples:
            return samples.read()

    @cached_property
    def columns(self) -> dict[str, np.ndarray]:
        """What is known of each sample, (N, ...) each: chain, log_q, log_weight and facts, where there are any."""
        with open_samples(self.file, self.system) as samples:
            columns = {
                "chain": samples.chain,
                "log_q": samples.log_q,
                "log_weight": samples.recorded_log_weight,
                **samples.facts,
            }
        return {name: np.asarray(column) for name, column in columns.items() if column is not None}

    def __len__(self) -> int:
        with open_samples(self.file, self.system) as samples:
            return len(samples)

    def save(self, path: str | Path) -> Path:
        """Copy the samples to a file of the workflow, whose suffix is that of the form; returns it."""
        form = declared_form(declared_system(self.system.kind)["form"])
        target = Path(path)
        if target.suffix != f".{form['suffix']}":
            raise InputError(path, "suffix", f".{form['suffix']}", target.suffix or "none")
        shutil.copyfile(self.file, target)
        for suffix in form["companions"].values():
            shutil.copyfile(self.file.with_suffix(f".{suffix}"), target.with_suffix(f".{suffix}"))
        return target

    @classmethod
    def scratched(cls, system: System, name: str) -> Self:
        """An ensemble whose file is yet to be written, in a scratch folder of its own."""
        scratch, form = Scratch(), declared_form(declared_system(system.kind)["form"])
        return cls(system, scratch.path / f"samples.{form['suffix']}", name, {}, scratch)


def reference(
    of: System, samples: int, *, sampler: str | None = None, seed: int = 1, threads: int = 1, **settings: Any
) -> Ensemble:
    """Draw a trusted ensemble of a system, whose exact identities are held against it.

    Arguments:
        of: the system.
        samples: how many.
        sampler: one that the system declares; the first of them unless given.
        seed: of all random numbers.
        threads: of the sampler.
        settings: keys of the sampler, and `conditions`, parameters of the system with the values that samples have in turn.

    Raises:
        InputError: for an unknown sampler or key, or an ensemble that breaks an identity.
    """
    block = reference_block(of, sampler, samples, settings)
    drawn = Ensemble.scratched(of, "reference")
    folder = drawn.file.parent
    with optional_libraries(of.kind), quiet():
        write_reference(
            drawn.file,
            folder / "record.json",
            folder / "cost.json",
            role="reference",
            system=block_of(of),
            reference=block,
            seed=seed,
            checkpoint=folder / "checkpoint.npz",
            threads=threads,
        )
    return Ensemble(of, drawn.file, drawn.name, read_json(folder / "record.json"), drawn.scratch)


def halves(
    of: System, source: str | Path | np.ndarray, *, seed: int = 1, **settings: Any
) -> tuple[Ensemble, Ensemble]:
    """Take samples of one's own that are to be trusted: one half to train, one to judge.

    They are checked as those of a sampler `file` are: numbers, shapes, order of chains, identities, charges of events.

    Arguments:
        of: the system.
        source: a file (.npy, HDF5, OSCAR, HepMC, UrQMD f13 and f14, Parquet), or an array (N, *site_shape).
        seed: of tests of the file.
        settings: keys of the sampler `file`: `dataset`, `chains`, `order`, `complete`, `frame`.

    Returns:
        training and reference.

    Raises:
        InputError: where they cannot be of this system.
    """
    parts = [Ensemble.scratched(of, half) for half in ("training", "reference")]
    file = _as_file(source, parts[0].file.parent)
    block = reference_block(of, "file", 64, {"file": str(file), **settings})
    form, records = form_of(of.kind), []
    with optional_libraries(of.kind), quiet():
        for part in parts:
            record = form.import_file(of, part.file, settings=block, seed=seed, half=part.name)
            records.append(record | checked_identities(part.file, of, block))
    training, judging = (
        Ensemble(of, part.file, part.name, record, part.scratch)
        for part, record in zip(parts, records, strict=True)
    )
    return training, judging


def ensemble(
    of: System, values: Any, *, name: str = "samples", chain: Sequence[int] | None = None
) -> Ensemble:
    """Wrap samples that are to be judged, whoever made them.

    Arguments:
        of: the system.
        values: an array (N, *site_shape); or events or pairs, as `Ensemble.values` has them.
        name: in tables.
        chain: number of the Markov chain of each sample, (N,), in the order of the chain; independent without.

    Raises:
        InputError: for another shape, or numbers that are not finite.
    """
    drawn, form = Ensemble.scratched(of, name), form_of(of.kind)
    values = _admitted(of, values) if form.name == "fields" else values
    attributes = provenance(system=of.kind, parameters=of.parameters, sampler=name, seed=0)
    columns = {} if chain is None else {"chain": np.asarray(chain)}
    with (
        optional_libraries(of.kind),
        form.writer(drawn.file, attributes, values, columns=tuple(columns)) as writer,
    ):
        writer.append(values, **columns)
    return drawn


def _as_file(source: str | Path | np.ndarray, folder: Path) -> Path:
    """The file of one's own samples; arrays are written to one."""
    if not isinstance(source, np.ndarray):
        if not Path(source).is_file():
            raise InputError(source, "file", "a file of samples", "no such file")
        return Path(source)
    np.save(folder / "own.npy", source, allow_pickle=False)
    return folder / "own.npy"


def _admitted(of: System, values: Any) -> np.ndarray:
    """An array in the range and the type of the system's configurations."""
    array = np.asarray(values)
    expected = f"an array (N, {', '.join(map(str, of.site_shape))})"
    if array.dtype.kind not in "fciu" or array.ndim == 0 or array.shape[1:] != tuple(of.site_shape):
        raise InputError("emulant.ensemble", "values", expected, f"{array.dtype} of shape {array.shape}")
    if not len(array) or not np.isfinite(array).all():
        raise InputError(
            "emulant.ensemble", "values", "finite numbers", "none" if not len(array) else "NaN or infinity"
        )
    if isinstance(of, HasAdmission):
        array, _ = of.admit(array)
    dtype = of.dtype if isinstance(of, HasDtype) else "float32"
    return array.astype(dtype, copy=False)
