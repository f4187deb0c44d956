"""What the schema of the `system` block cannot say: a prior that is one."""

from collections.abc import Mapping
from typing import Any

from emulant.inference.priors import prior_from

__all__ = ["check"]


def check(settings: Mapping[str, Any]) -> None:
    """Raise InputError naming the parameter whose prior is none."""
    prior_from(settings["prior"], "system")
