"""What the workflow wrote, or `save`: ensembles and models."""

import json
from pathlib import Path
from typing import Any

from emulant.api.ensembles import Ensemble
from emulant.api.models import FILES, Model
from emulant.api.scratch import optional_libraries
from emulant.contracts.declaration import form_names, system_kinds
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.forms import form_of, open_samples
from emulant.storage.records import read_json
from emulant.systems import system_from

__all__ = ["load"]


def load(path: str | Path) -> Ensemble | Model:
    """Load an ensemble from its file, or a model from its folder, as the workflow or `save` wrote them.

    Raises:
        InputError: where there is neither.
    """
    path = Path(path)
    if path.is_dir():
        missing = [name for name in FILES if not (path / name).is_file()]
        if missing:
            raise InputError(
                path, "folder", f"a trained model, with {' and '.join(FILES)}", f"no {missing[0]}"
            )
        record = read_json(path / "model.json")
        return Model(_system(path, record.get("provenance", {})), path, record["settings"])
    if not path.is_file():
        raise InputError(path, "path", "a file of samples or the folder of a model", "nothing there")
    system = _system(path, _attributes(path))
    with open_samples(path, system) as samples:
        return Ensemble(system, path, path.stem, dict(samples.attributes))


def _attributes(path: Path) -> dict[str, Any]:
    """Provenance of a file of samples, whose form its suffix and its content tell."""
    errors = []
    for kind in system_kinds():
        try:
            with form_of(kind).open(path) as samples:
                return dict(samples.attributes)
        except (InputError, ModuleNotFoundError) as error:
            errors.append(error)
    raise InputError(path, "file", f"samples in one of the forms {', '.join(form_names())}", errors[-1])


def _system(path: Path, attributes: dict[str, Any]) -> System:
    """The system that provenance names."""
    kind, parameters = attributes.get("system"), attributes.get("parameters")
    if kind not in system_kinds() or not isinstance(parameters, dict | str):
        raise InputError(path, "provenance", "a system and its parameters, as the workflow writes them", kind)
    with optional_libraries(kind):
        return system_from({"kind": kind, **_decoded(parameters)})


def _decoded(parameters: dict[str, Any] | str) -> dict[str, Any]:
    return json.loads(parameters) if isinstance(parameters, str) else parameters
