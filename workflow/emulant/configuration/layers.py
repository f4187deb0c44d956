"""YAML files, and settings merged from several of them that remember where each came from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from emulant.errors import InputError
from emulant.storage.listing import listed

__all__ = ["Layer", "merged", "origin", "read_yaml"]


@dataclass(frozen=True)
class Layer:
    """A part of the settings.

    Attributes:
        file: where it was written.
        content: nested mappings.
        prefix: key path in the file above `content`.
    """

    file: Path
    content: dict[str, Any]
    prefix: tuple[str | int, ...] = ()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML 1.1 with the floats of YAML 1.2 (1e-3 is a number) and no silent repetition of a key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value} twice", problem_mark=key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)


FLOAT = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping; raises InputError where it is missing or broken."""
    if not path.exists():
        known = [file.stem for file in listed(path.parent, "*.yaml")]
        raise InputError(path, "file", f"one of {', '.join(known)}", "no such file")
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "file"
        raise InputError(path, where, "valid YAML", getattr(error, "problem", None) or error) from None
    if not isinstance(content, dict):
        raise InputError(path, "file", "a mapping of keys to values", type(content).__name__)
    return content


def merged(*layers: dict[str, Any]) -> dict[str, Any]:
    """Later layers over earlier ones, block by block; lists and scalars are replaced."""
    out: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            both = isinstance(value, dict) and isinstance(out.get(key), dict)
            out[key] = merged(out[key], value) if both else value
    return out


def origin(layers: Sequence[Layer], path: Sequence[str | int]) -> tuple[Path, str]:
    """The file and key that set the merged setting at `path`.

    That is the last layer that has it, or most of it; where none has any of it, the last whole file.
    """
    for depth in range(len(path), 0, -1):
        for layer in reversed(layers):
            if _has(layer.content, path[:depth]):
                return layer.file, ".".join(map(str, (*layer.prefix, *path)))
    whole = next(layer for layer in reversed(layers) if not layer.prefix)
    return whole.file, ".".join(map(str, path)) or "file"


def _has(content: Any, path: Sequence[str | int]) -> bool:
    for key in path:
        entries = dict(enumerate(content)) if isinstance(content, list) else content
        if not isinstance(entries, dict) or key not in entries:
            return False
        content = entries[key]
    return True
