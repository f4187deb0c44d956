"""Read YAML mappings; list the files of a folder that people wrote."""

import re
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


def names_in(folder: Path, pattern: str = "*.yaml") -> list[str]:
    """List the files of `folder` that match `pattern`, without suffix."""
    return [file.stem for file in listed(folder, pattern)]


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping; raises InputError where it is missing or broken."""
    if not path.exists():
        raise InputError(path, "file", f"one of {', '.join(names_in(path.parent))}", "no such file")
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "file"
        raise InputError(path, where, "valid YAML", getattr(error, "problem", None) or error) from None
    if not isinstance(content, dict):
        raise InputError(path, "file", "a mapping of keys to values", type(content).__name__)
    return content
