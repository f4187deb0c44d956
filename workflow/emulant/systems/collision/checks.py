"""What a schema cannot say of a collision: nuclei that exist, energies and impact parameters that make sense."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from emulant.collisions.nuclei import check_collision

__all__ = ["check"]


def check(system: Mapping[str, Any]) -> None:
    """Hold a `system` block against what can collide; raises InputError whose key is the faulty one."""
    check_collision("system", SimpleNamespace(**system))
