"""Names of systems, parameters and stages as people write them."""

from collections.abc import Mapping
from typing import Any

__all__ = ["described", "experiment_title"]

SYSTEMS = {
    "phi4": "lattice φ⁴",
    "two_peak": "two Gaussian peaks",
    "planar_peaks": "two Gaussian peaks in the plane",
    "complex_action": "complex action (A + iB) z²/2 + λ z⁴/4",
    "bose_gas": "relativistic Bose gas",
    "quartic_well": "quartic well in zero dimensions",
}
GREEK = {"a": "A", "b": "B", "kappa": "κ", "lambda": "λ", "mu": "μ", "mu2": "μ²", "beta": "β", "sigma": "σ"}


def described(system: Mapping[str, Any]) -> str:
    """A system block in a line: lattice φ⁴, κ = 0.26, λ = 0.022, 16 × 16."""
    kind = system.get("kind", "")
    parts = [SYSTEMS.get(kind, kind.replace("_", " "))]
    for key, value in system.items():
        if key == "shape":
            parts.append(" × ".join(map(str, value)))
        elif key != "kind":
            parts.append(f"{GREEK.get(key, key)} = {_value(value)}")
    return ", ".join(part for part in parts if part)


def experiment_title(name: str) -> str:
    """The name of an experiment for a heading: φ⁴ critical."""
    return name.replace("phi4", "φ⁴").replace("_", " ")


def _value(value: Any) -> str:
    return f"{value:g}".replace("-", "−") if isinstance(value, float) else str(value)
