"""Validation of settings by a JSON schema: the first error in one line with file, key and expected value."""

import math
from collections.abc import Sequence
from typing import Any

import jsonschema

from emulant.configuration.layers import Layer, origin
from emulant.errors import InputError, unknown

__all__ = ["check"]

# Errors reported first: a misspelt key often causes the others.
ORDER = ("additionalProperties", "type", "enum")
RELATIONS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
    "minLength": "at least this many characters:",
    "maxLength": "at most this many characters:",
    "minItems": "at least this many entries:",
    "maxItems": "at most this many entries:",
}


def check(settings: dict[str, Any], schema: dict[str, Any], layers: Sequence[Layer]) -> None:
    """Validate `settings` by a schema.

    Arguments:
        settings: merged from `layers`.
        schema: JSON schema.
        layers: origins of the settings, for the message; a missing setting is reported for the last whole file.

    Raises:
        InputError: with the file that set the wrong key.
    """
    errors = list(_validator(schema).iter_errors(settings))
    if errors:
        raise _fault(min(errors, key=_rank), layers)


def _validator(schema: dict[str, Any]) -> jsonschema.protocols.Validator:
    base = jsonschema.Draft202012Validator
    types = base.TYPE_CHECKER.redefine("number", _finite).redefine("integer", _whole)
    return jsonschema.validators.extend(base, type_checker=types)(schema)


def _whole(checker: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _finite(checker: object, value: object) -> bool:
    return _whole(checker, value) or (isinstance(value, float) and math.isfinite(value))


def _rank(error: jsonschema.ValidationError) -> tuple:
    """Order errors: unknown keys, types, enumerations, then others, by path."""
    kind = error.validator
    return (ORDER.index(kind) if kind in ORDER else len(ORDER), [str(part) for part in error.absolute_path])


def _fault(error: jsonschema.ValidationError, layers: Sequence[Layer]) -> InputError:
    """Convert a schema error to an InputError with its file and key."""
    path, value = list(error.absolute_path), error.validator_value
    meaning = f" ({error.schema['description']})" if "description" in error.schema else ""
    if error.validator == "additionalProperties":
        allowed = list(error.schema.get("properties", {}))
        foreign = next(name for name in error.instance if name not in allowed)
        expected, got = unknown(foreign, allowed)
        return InputError(*origin(layers, [*path, foreign]), expected, f"the unknown key {got}")
    if error.validator == "required":
        missing = next(name for name in value if name not in error.instance)
        described = error.schema.get("properties", {}).get(missing, {}).get("description", "a value")
        return InputError(*origin(layers, [*path, missing]), described, "nothing")
    source = origin(layers, path)
    if error.validator == "type":
        kind = " or ".join(value) if isinstance(value, list) else value
        return InputError(*source, f"{_article(kind)}{meaning}", repr(error.instance))
    if error.validator == "enum":
        return InputError(*source, *unknown(error.instance, list(map(str, value))))
    if error.validator in RELATIONS:
        return InputError(*source, f"{RELATIONS[error.validator]} {value}{meaning}", repr(error.instance))
    if error.validator == "const":
        return InputError(*source, f"{value}{meaning}", repr(error.instance))
    if error.validator == "not":
        return InputError(*source, error.schema.get("description", "another value"), repr(error.instance))
    return InputError(*source, f"what the schema says{meaning}", error.message)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
