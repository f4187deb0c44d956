"""What a schema cannot say of phi^4: an action that is bounded from below."""

from collections.abc import Mapping
from typing import Any

from emulant.errors import InputError
from emulant.lattice.free import stiffness

__all__ = ["check"]


def check(system: Mapping[str, Any]) -> None:
    """Hold a `system` block against what has a law; raises InputError where exp(-S) cannot be normalised."""
    kappa, shape = system["kappa"], system["shape"]
    if system["lambda"] == 0 and stiffness(kappa, tuple(shape)) <= 0:
        bound = 2 / (2 - stiffness(kappa, tuple(shape))) * kappa
        side = "below" if kappa > 0 else "above"
        expected = f"a number {side} {bound:.6g} for lambda = 0: the action is not bounded from below"
        raise InputError("system", "kappa", expected, kappa)
