"""Elementary functions of a number, a NumPy array or a torch tensor."""

import math
import sys
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["Array", "functions_of"]

Array = Any
"""A float, a NumPy array or a torch tensor: the result has the type of the argument."""


def functions_of(value: Array) -> ModuleType:
    """Return the module (`math`, `numpy` or `torch`) whose `exp`, `expm1`, `log1p`, `sqrt` accept this value.

    torch is never imported: a torch tensor can only come from a process that already has it.
    """
    if isinstance(value, (int, float)):
        return math
    if type(value).__module__.partition(".")[0] == "torch":
        return sys.modules["torch"]
    return np
