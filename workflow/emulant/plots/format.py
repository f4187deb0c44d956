"""Numbers as physicists write them."""

import math

__all__ = ["value_with_error"]


def value_with_error(value: float, error: float) -> str:
    """0.62238(6): two digits of an error that starts with 1, else one; without an error six digits."""
    if not math.isfinite(value):
        return "–"
    if not (math.isfinite(error) and error > 0):
        return f"{value:.6g}"
    exponent = math.floor(math.log10(error))
    digits = -exponent + (1 if error / 10**exponent < 1.95 else 0)
    if digits <= 0:
        scale = 10**-digits
        return f"{round(value / scale) * scale:.0f}({round(error / scale) * scale:.0f})"
    return f"{value:.{digits}f}({round(error * 10**digits)})"
