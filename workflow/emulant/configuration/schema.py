"""Settings held against a JSON schema: the first fault as one line that names file, key and what was expected."""

import difflib
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from emulant.configuration.layers import Layer, origin, read_yaml
from emulant.errors import InputError

__all__ = ["check", "unknown"]

ORDER = ("additionalProperties", "type", "enum")
RELATIONS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
    "minItems": "at least this many entries:",
    "maxItems": "at most this many entries:",
}


def check(settings: dict[str, Any], schema: Path, layers: Sequence[Layer], definition: str = "") -> None:
    """Hold `settings` against a schema.

    Arguments:
        settings: merged from `layers`.
        schema: YAML file.
        layers: where the settings come from, for the message; the last layer is blamed for what is missing.
        definition: a name under `$defs` instead of the whole schema.

    Raises:
        InputError: with the file that set the faulty key.
    """
    errors = list(_validator(schema, definition).iter_errors(settings))
    if errors:
        raise _fault(min(errors, key=_rank), layers)


def unknown(name: object, known: Sequence[str]) -> tuple[str, object]:
    """What was expected and got, for a name that is not among the `known`, with the closest of them."""
    close = difflib.get_close_matches(str(name), known, 1)
    return f"one of {', '.join(known)}", f"{name} (did you mean {close[0]}?)" if close else name


@cache
def _validator(schema: Path, definition: str) -> jsonschema.protocols.Validator:
    content = read_yaml(schema)
    if definition:
        content = {"$defs": content["$defs"], **content["$defs"][definition]}
    base = jsonschema.Draft202012Validator
    types = base.TYPE_CHECKER.redefine("number", _finite).redefine("integer", _whole)
    return jsonschema.validators.extend(base, type_checker=types)(content)


def _whole(checker: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _finite(checker: object, value: object) -> bool:
    return _whole(checker, value) or (isinstance(value, float) and math.isfinite(value))


def _rank(error: jsonschema.ValidationError) -> tuple:
    kind = error.validator
    return (ORDER.index(kind) if kind in ORDER else len(ORDER), [str(part) for part in error.absolute_path])


def _fault(error: jsonschema.ValidationError, layers: Sequence[Layer]) -> InputError:
    path, value = list(error.absolute_path), error.validator_value
    meaning = f" ({error.schema['description']})" if "description" in error.schema else ""
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        foreign = next(name for name in error.instance if name not in known)
        expected, got = unknown(foreign, known)
        return InputError(*origin(layers, [*path, foreign]), expected, f"the unknown key {got}")
    if error.validator == "required":
        missing = next(name for name in value if name not in error.instance)
        described = error.schema.get("properties", {}).get(missing, {}).get("description", "a value")
        return InputError(*origin(layers, [*path, missing]), described, "nothing")
    where = origin(layers, path)
    if error.validator == "type":
        kind = " or ".join(value) if isinstance(value, list) else value
        return InputError(*where, f"{_article(kind)}{meaning}", repr(error.instance))
    if error.validator == "enum":
        return InputError(*where, *unknown(error.instance, list(map(str, value))))
    if error.validator in RELATIONS:
        return InputError(*where, f"{RELATIONS[error.validator]} {value}{meaning}", repr(error.instance))
    if error.validator == "const":
        return InputError(*where, f"{value}{meaning}", repr(error.instance))
    if error.validator == "not":
        return InputError(*where, error.schema.get("description", "another value"), repr(error.instance))
    return InputError(*where, f"what the schema says{meaning}", error.message)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
