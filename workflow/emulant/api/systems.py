"""Systems by their kind and parameters."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from emulant.api.scratch import optional_libraries
from emulant.configuration.layers import Layer
from emulant.configuration.schema import check
from emulant.contracts.declaration import SYSTEMS, declared_system, system_kinds
from emulant.contracts.system import System
from emulant.errors import InputError, unknown
from emulant.systems import observables_of, system_from

__all__ = ["block_of", "exact", "kinds", "observables", "plain", "system"]


def kinds() -> dict[str, str]:
    """List the kinds of systems: name -> what it is."""
    return {kind: declared_system(kind)["title"] for kind in system_kinds()}


def system(kind: str, /, **parameters: Any) -> System:
    """Build a system.

    Arguments:
        kind: one of `kinds()`.
        parameters: keys of its block in a configuration (docs/config.md); an underscore at the end is dropped, as of
            `lambda_`, and tuples and arrays are lists.

    Raises:
        InputError: for an unknown kind, a missing, unknown or impossible parameter.
    """
    if kind not in system_kinds():
        raise InputError("emulant.system", "kind", *unknown(kind, system_kinds()))
    block = {"kind": kind, **{name.rstrip("_"): plain(value) for name, value in parameters.items()}}
    declared = declared_system(kind)["system"]
    schema = {**declared, "type": "object", "properties": declared["properties"] | {"kind": {}}}
    check(block, schema, [Layer(Path("emulant.system"), block)])
    with optional_libraries(kind):
        _check_more(kind, block)
        return system_from(block)


def exact(of: System) -> pd.DataFrame:
    """Return what is known exactly of a system: columns observable, index, value, error."""
    return pd.DataFrame(of.exact_values(), columns=["observable", "index", "value", "error"])


def observables(of: System | str) -> dict[str, str]:
    """List the observables of a system, or of a kind: name -> what it is."""
    kind = of if isinstance(of, str) else of.kind
    return {name: observable.description for name, observable in observables_of(kind).items()}


def block_of(of: System) -> dict[str, Any]:
    """The block of a configuration that a system has."""
    return {"kind": of.kind, **of.parameters}


def plain(value: Any) -> Any:
    """A value as YAML would hold it: no tuples, no arrays, no numbers of NumPy."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {name: plain(entry) for name, entry in value.items()}
    return [plain(entry) for entry in value] if isinstance(value, tuple | list) else value


def _check_more(kind: str, block: dict[str, Any]) -> None:
    """What a schema cannot say."""
    if (SYSTEMS / kind / "checks.py").exists():
        try:
            import_module(f"emulant.systems.{kind}.checks").check(block)
        except InputError as error:
            raise InputError("emulant.system", error.key, error.expected, error.got) from None
