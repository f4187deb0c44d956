"""Fields: arrays of any dtype and site shape, in HDF5."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emulant.contracts.system import HasAdmission, HasDtype, System
from emulant.storage.ensemble import Ensemble, EnsembleWriter, open_ensemble
from emulant.storage.imported import import_configurations
from emulant.storage.merged import merge_rows
from emulant.storage.provenance import provenance

__all__ = ["form"]


class Fields:
    """Configurations (N, *site_shape)."""

    name: ClassVar[str] = "fields"

    def open(self, path: Path, system: System | None = None) -> Ensemble:
        """Open an ensemble; raises InputError where it is damaged or of another shape than the system's."""
        return open_ensemble(path, site_shape=system.site_shape if system else None)

    def writer(
        self,
        path: Path,
        attributes: Mapping[str, Any],
        like: np.ndarray,
        *,
        columns: Sequence[str] = (),
        facts: Mapping[str, np.ndarray] | None = None,
    ) -> EnsembleWriter:
        """Open a file for configurations of the type and shape of `like`, (n, *site_shape)."""
        entries = {name: (values.dtype.name, values.shape[1:]) for name, values in (facts or {}).items()}
        return EnsembleWriter(
            path,
            like.shape[1:],
            attributes=dict(attributes),
            dtype=like.dtype.name,
            facts=entries,
            **dict.fromkeys(columns, True),
        )

    def import_file(
        self, system: System, path: Path, *, settings: Mapping[str, Any], seed: int, half: str
    ) -> dict[str, Any]:
        """Write one half of a user's configurations; `import_configurations` says what is refused."""
        file, dataset = Path(settings["file"]), settings.get("dataset", "configurations")
        attributes = provenance(
            system=system.kind, parameters=system.parameters, sampler="file", seed=seed
        ) | {"equilibrated": True}
        dtype = system.dtype if isinstance(system, HasDtype) else "float32"
        told = {key: settings[key] for key in ("chains", "order") if key in settings}
        told |= {"admit": system.admit} if isinstance(system, HasAdmission) else {}
        record = import_configurations(
            file, path, system.site_shape, attributes, dataset=dataset, half=half, dtype=dtype, **told
        )
        return {
            "sampler": "file",
            "file": str(file),
            **record,
            "equilibrated": True,
        }

    def merge(
        self,
        path: Path,
        parts: Sequence[Path],
        attributes: Mapping[str, Any],
        *,
        samples: int,
        alike: Sequence[str],
    ) -> None:
        """Copy the configurations of `parts` in their order to `path`; `storage.merged.merge_rows` says what is checked."""
        merge_rows(path, parts, attributes, samples=samples, alike=alike)


form = Fields()
