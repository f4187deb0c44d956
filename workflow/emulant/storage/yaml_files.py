"""Read YAML mappings; list the files of a folder that people wrote."""

import pickle
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from emulant.errors import InputError
from emulant.storage.listing import listed

__all__ = ["names_in", "read_yaml"]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML 1.1 with the floats of YAML 1.2 (1e-3 is a number) and no silent repetition of a key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in keys:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value} twice", problem_mark=key.start_mark)
            keys.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)


FLOAT = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))


LARGEST = 10**5
"""Values of a file, those of an anchor counted wherever it is named: a few lines of anchors of anchors are billions."""


DEEPEST = 100
"""Levels of a file; libyaml ends the process at some ten thousand."""


def names_in(folder: Path, pattern: str = "*.yaml") -> list[str]:
    """List the files of `folder` that match `pattern`, without suffix."""
    return [file.stem for file in listed(folder, pattern)]


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping; raises InputError where it is missing or broken."""
    if not path.exists():
        raise InputError(path, "file", f"one of {', '.join(names_in(path.parent))}", "no such file")
    try:
        content = _content(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # What Python says of bytes that are no UTF-8, of dates and of numbers that are none is a ValueError.
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "file"
        got = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        raise InputError(path, where, "valid YAML", got) from None
    if not isinstance(content, dict):
        raise InputError(path, "file", "a mapping of keys to values", type(content).__name__)
    return content


def _content(text: str) -> Any:
    """Return what a text says; raises YAMLError or ValueError before anything of more than LARGEST values is made."""
    return pickle.loads(_pickled(text))


@cache
def _pickled(text: str) -> bytes:
    """What a text says as a pickle: the same text is read often, and whoever reads it may change what he gets."""
    _check_size(text)
    return pickle.dumps(yaml.load(text, _Loader))


def _check_size(text: str) -> None:
    """Raise YAMLError where a text is deeper than DEEPEST or has more than LARGEST values."""
    _check_depth(text)
    _size(yaml.compose(text, _Loader), {})


def _check_depth(text: str) -> None:
    """Raise YAMLError where values lie inside others in more than DEEPEST levels; told without any recursion."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem=f"more than {DEEPEST} levels", problem_mark=event.start_mark)


def _size(node: yaml.Node | None, sizes: dict[int, int | None]) -> int:
    """Count the values in a node and below, those of anchors wherever they are named; `sizes` are of nodes by id."""
    if not isinstance(node, yaml.CollectionNode):
        return 1
    if id(node) not in sizes:
        sizes[id(node)] = None
        children = (
            child for entry in node.value for child in (entry if isinstance(entry, tuple) else (entry,))
        )
        sizes[id(node)] = 1 + sum(_size(child, sizes) for child in children)
    size = sizes[id(node)]
    if size is None or size > LARGEST:
        problem = (
            "an anchor inside itself"
            if size is None
            else f"anchors that stand for more than {LARGEST} values"
        )
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
    return size
