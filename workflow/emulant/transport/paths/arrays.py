"""The functions of a number, of a NumPy array or of a torch tensor, whichever is given."""

import math
import sys
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["Array", "functions_of"]

Array = Any
"""A float, a NumPy array or a torch tensor: the result has the type of the argument."""


def functions_of(value: Array) -> ModuleType:
    """The module (`math`, `numpy` or `torch`) whose `exp`, `expm1`, `log1p`, `sqrt` take this value.

    torch is never imported: a torch tensor can only come from a process that already has it.
    """
    if isinstance(value, (int, float)):
        return math
    if type(value).__module__.partition(".")[0] == "torch":
        return sys.modules["torch"]
    return np
