"""Settings merged from several YAML files, with the origin of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Layer", "merged", "origin"]


@dataclass(frozen=True)
class Layer:
    """A part of the settings.

    Attributes:
        file: source of the settings.
        content: nested mappings.
        prefix: key path in the file above `content`.
    """

    file: Path
    content: dict[str, Any]
    prefix: tuple[str | int, ...] = ()


def merged(*layers: dict[str, Any]) -> dict[str, Any]:
    """Merge later layers over earlier ones, block by block; lists and scalars are replaced."""
    settings: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            both = isinstance(value, dict) and isinstance(settings.get(key), dict)
            settings[key] = merged(settings[key], value) if both else value
    return settings


def origin(layers: Sequence[Layer], path: Sequence[str | int]) -> tuple[Path, str]:
    """Find the file and key that set the merged setting at `path`.

    That is the last layer with the whole path or the longest part of it; without any, the last whole file.
    """
    for depth in range(len(path), 0, -1):
        for layer in reversed(layers):
            if _has(layer.content, path[:depth]):
                return layer.file, ".".join(map(str, (*layer.prefix, *path)))
    whole = next(layer for layer in reversed(layers) if not layer.prefix)
    return whole.file, ".".join(map(str, path)) or "file"


def _has(content: Any, path: Sequence[str | int]) -> bool:
    """Tell whether nested mappings or lists contain `path`."""
    for key in path:
        entries = dict(enumerate(content)) if isinstance(content, list) else content
        if not isinstance(entries, dict) or key not in entries:
            return False
        content = entries[key]
    return True
