"""Systems and experiments as people write them."""

import re
from collections.abc import Mapping
from typing import Any

from emulant.contracts.declaration import declared_family, declared_system
from emulant.plots.format import minus
from emulant.plots.symbols import set_html
from emulant.reporting.results import Results

__all__ = ["described", "references", "symbols_of", "typeset"]

ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
UNIT = re.compile(r"\bin ((?:fm²|fm|GeV|MeV)(?: a nucleon)?)\b")
"""Where the description of a parameter tells its unit."""
MEAN = re.compile(r"<([^<>]*)>")
SIGNS = {"dS/d": "∂S/∂", "sigma_0": "σ₀", "phi": "φ", "beta": "β", "theta": "θ", "lambda": "λ"}
SIGNS |= {f"^{power}": sign for power, sign in zip("23468", "²³⁴⁶⁸", strict=True)}
"""Of the formulas of identities."""
SHORT = 12
"""A list of more numbers is left to the settings: in a line it would hide the others."""


def described(system: Mapping[str, Any]) -> str:
    """Write a system block in a line: lattice φ⁴, κ = 0.26, λ = 0.022, 16 × 16."""
    declared = declared_system(system["kind"])
    properties = declared["system"]["properties"]
    parts = [declared["title"]]
    for key, value in system.items():
        if key == "shape":
            parts.append(" × ".join(map(str, value)))
        elif key != "kind" and (words := _value(value)):
            name = properties[key].get("symbol", key.replace("_", " "))
            unit = UNIT.search(properties[key].get("description", ""))
            parts.append(f"{name} = {words}" + (f" {unit[1]}" if unit else ""))
    return ", ".join(parts)


def references(kind: str, settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """What to read about an experiment: in its sentence, of its system, and of its models' families; each once."""
    families = sorted({model["family"] for model in settings.get("models", {}).values()})
    declared = [declared_system(kind), *map(declared_family, families)]
    mentioned = [f"arXiv:{number}" for number in ARXIV.findall(settings["about"])]
    every = [*mentioned, *(text for entry in declared for text in entry["references"])]
    return [{"text": text, "address": _address(text)} for text in dict.fromkeys(every)]


def symbols_of(results: Results) -> list[dict[str, str]]:
    """The symbols of what was measured, what they are, and their units."""
    table = results.table("observables")
    measured = table.groupby("observable", sort=False)["index"].unique() if len(table) else {}
    return [
        {
            "symbol": set_html(name, sorted(map(int, measured[name])), results.observables),
            "description": minus(observable.description),
            "unit": {"1": "pure number", "": "pure number"}.get(observable.unit, observable.unit),
        }
        for name, observable in results.observables.items()
        if name in measured
    ]


def typeset(formula: str) -> str:
    """Write a formula of plain letters as in a paper: <phi dS/dphi> as ⟨φ ∂S/∂φ⟩."""
    formula = MEAN.sub(r"⟨\1⟩", formula)
    for plain, sign in SIGNS.items():
        formula = formula.replace(plain, sign)
    return minus(formula)


def _address(text: str) -> str:
    match = ARXIV.search(text)
    return f"https://arxiv.org/abs/{match[1]}" if match else ""


def _value(value: Any) -> str:
    """A number, or a short list of numbers; empty for what takes more than a line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and len(value) <= SHORT and not any(isinstance(v, list | dict) for v in value):
        if len(set(value)) == 1:
            return _value(value[0])
        return ", ".join(map(_value, value))
    if isinstance(value, list | dict):
        return ""
    return minus(f"{value:.7g}") if isinstance(value, float) else minus(str(value))
