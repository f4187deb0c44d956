"""Small JSON records."""

import json
from pathlib import Path
from typing import Any

from emulant.errors import InputError
from emulant.storage.atomic import atomic_path

__all__ = ["read_json", "write_json"]


def write_json(path: str | Path, record: dict[str, Any]) -> None:
    """Write with sorted keys, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_json(path: str | Path) -> dict[str, Any]:
    """Read; raises InputError where the file is no JSON, or no record."""
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(path, f"line {error.lineno}", "valid JSON", error.msg) from None
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise InputError(path, "file", "valid JSON", error) from None
    if not isinstance(record, dict):
        raise InputError(path, "file", "a record of keys and values", type(record).__name__)
    return record
