"""Systems and experiments as people write them."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from emulant.contracts.declaration import declared_system

__all__ = ["described", "experiment_title"]

WORD = re.compile(r"([a-z]+)(\d*)")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def described(system: Mapping[str, Any]) -> str:
    """Write a system block in a line: lattice φ⁴, κ = 0.26, λ = 0.022, 16 × 16."""
    declared = declared_system(system["kind"])
    properties = declared["system"]["properties"]
    parts = [declared["title"]]
    for key, value in system.items():
        if key == "shape":
            parts.append(" × ".join(map(str, value)))
        elif key != "kind":
            parts.append(f"{properties[key].get('symbol', key)} = {_value(value)}")
    return ", ".join(parts)


def experiment_title(name: str) -> str:
    """Write the name of an experiment as a heading; Greek letters that are spelt out, with a power, become symbols."""
    return " ".join(map(_word, name.split("_")))


def _word(word: str) -> str:
    match = WORD.fullmatch(word)
    try:
        letter = unicodedata.lookup(f"GREEK SMALL LETTER {match[1]}") if match else ""
    except KeyError:
        return word
    return letter + match[2].translate(SUPERSCRIPTS) if letter else word


def _value(value: Any) -> str:
    return f"{value:g}".replace("-", "−") if isinstance(value, float) else str(value)
