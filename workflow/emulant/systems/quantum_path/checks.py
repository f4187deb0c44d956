"""What a schema cannot say of a path: a potential that is bounded from below."""

from collections.abc import Mapping
from typing import Any

from emulant.quantum.potential import Potential

__all__ = ["check"]


def check(system: Mapping[str, Any]) -> None:
    """Hold a `system` block against what has a law; raises InputError where exp(-S) cannot be normalised."""
    Potential(system["potential"])
