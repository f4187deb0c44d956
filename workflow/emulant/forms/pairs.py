"""Pairs of an input and an output, such as an initial and a final state, in HDF5."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emulant.contracts.declaration import declared_system
from emulant.contracts.system import HasDtype, HasPairs, System
from emulant.errors import InputError
from emulant.storage.array_files import opened_arrays
from emulant.storage.imported import checked_rows, copy_rows
from emulant.storage.merged import merge_rows
from emulant.storage.pairs import Pairs, PairsFile, PairsWriter, open_pairs
from emulant.storage.provenance import provenance
from emulant.storage.row_weights import refuse_weights, weight_names

__all__ = ["form"]


class PairsForm:
    """Inputs (N, *input_shape) and outputs (N, *output_shape); a model may give several outputs of each input."""

    name: ClassVar[str] = "pairs"

    def open(self, path: Path, system: System | None = None) -> PairsFile:
        """Open a file of pairs; raises InputError where it is damaged or of other shapes than the system's."""
        return open_pairs(path, shapes=_shapes(system))

    def import_file(
        self, system: System, path: Path, *, settings: Mapping[str, Any], seed: int, half: str
    ) -> dict[str, Any]:
        """Write every second pair of a user's file, from the first on to train, from the second on to judge.

        Neighbours go to different halves, so that a file in any order gives two alike ones. The file is .npz or HDF5 with
        `inputs`, `outputs`, and an array (N, ...) for each condition that the system declares.

        Raises:
            InputError: for a missing, truncated or foreign file, other shapes or dtypes, too few pairs, or numbers that
                are not finite.
        """
        file, conditions = Path(settings["file"]), declared_system(system.kind)["conditions"]
        attributes = provenance(
            system=system.kind, parameters=system.parameters, sampler="file", seed=seed
        ) | {"equilibrated": True}
        with opened_arrays(file, ["inputs", "outputs", *conditions], weight_names("inputs")) as arrays:
            refuse_weights(file, arrays, "inputs")
            sources = _checked(file, arrays, system, conditions)
            rows = range(0 if half == "training" else 1, len(sources["inputs"]), 2)
            with PairsWriter(
                path,
                sources["inputs"].shape[1:],
                sources["outputs"].shape[1:],
                attributes=attributes,
                dtype=_dtype(system),
                conditions={name: ("float64", tuple(sources[name].shape[1:])) for name in conditions},
            ) as writer:
                names = dict(zip(writer.columns, sources, strict=True))
                columns = {column: sources[name] for column, name in names.items()}
                copy_rows(file, columns, writer, rows, names)
        return {"sampler": "file", "file": str(file), "samples": len(rows), "equilibrated": True}

    def writer(
        self,
        path: Path,
        attributes: Mapping[str, Any],
        like: Pairs,
        *,
        columns: Sequence[str] = (),
        facts: Mapping[str, np.ndarray] | None = None,
    ) -> PairsWriter:
        """Open a file for pairs of the shapes, dtype and conditions of `like`; of `columns` it has `log_q` alone."""
        named = {**like.conditions, **(facts or {})}
        conditions = {name: (values.dtype.name, values.shape[1:]) for name, values in named.items()}
        return PairsWriter(
            path,
            like.inputs.shape[1:],
            like.outputs.shape[1:],
            attributes=dict(attributes),
            dtype=like.outputs.dtype.name,
            conditions=conditions,
            log_q="log_q" in columns,
        )

    def merge(
        self,
        path: Path,
        parts: Sequence[Path],
        attributes: Mapping[str, Any],
        *,
        samples: int,
        alike: Sequence[str],
    ) -> None:
        """Copy the pairs of `parts` in their order to `path`; `storage.merged.merge_rows` says what is checked."""
        merge_rows(path, parts, attributes, samples=samples, alike=alike)


def _dtype(system: System) -> str:
    """Name the type of inputs and outputs."""
    return system.dtype if isinstance(system, HasDtype) else "float32"


def _checked(
    file: Path, arrays: Mapping[str, Any], system: System, conditions: Sequence[str]
) -> dict[str, Any]:
    """Return inputs, outputs and conditions of a user's file, after checking their shapes and kinds."""
    shapes = dict(zip(("inputs", "outputs"), _shapes(system) or (None, None), strict=True))
    sources = {
        name: checked_rows(file, name, arrays[name], shape, _dtype(system)) for name, shape in shapes.items()
    }
    # Conditions such as 1, 2, 3 are whole numbers in NumPy where nobody says otherwise.
    sources |= {
        name: checked_rows(file, name, arrays[name], None, "float64", kinds="iu") for name in conditions
    }
    for name, array in sources.items():
        if len(array) != len(sources["inputs"]):
            raise InputError(file, name, f"{len(sources['inputs'])} rows, as of inputs", len(array))
    return sources


def _shapes(system: System | None) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return the shapes of an input and of an output, where the system says them."""
    return (system.input_shape, system.output_shape) if isinstance(system, HasPairs) else None


form = PairsForm()
