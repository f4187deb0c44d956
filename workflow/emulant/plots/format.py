"""Numbers as physicists write them."""

import math

__all__ = ["duration", "minus", "number_text", "pull_text", "value_with_error"]

ROUNDING = 1e-10
"""Relative error of a sum of doubles: less is no statistical error."""
MINUS, NONE = "−", "–"
POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# The largest comes first: the first that is not longer than a duration is its unit.
UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))


def value_with_error(value: float, error: float = math.nan) -> str:
    """0.62238(6): an error in units of the last digit, two digits of it if it starts with 1.

    An error that reaches the units is written out, 14387.1(1.1); tiny and huge numbers get a power of ten,
    3.1(5)×10⁻⁶; without an error, or with one that is nothing but rounding, there are seven digits.
    """
    if not math.isfinite(value):
        return NONE
    if not (math.isfinite(error) and error > ROUNDING * abs(value)):
        return f"{value:.7g}".replace("-", MINUS)
    size = math.floor(math.log10(max(abs(value), error)))
    if size < -4 or error >= 1e5:
        power = str(size).translate(POWERS)
        return f"{value_with_error(value / 10.0**size, error / 10.0**size)}×10{power}"
    digits = _digits(error)
    shown = f"{value:.{max(digits, 0)}f}" if digits >= 0 else f"{round(value, digits):.0f}"
    return f"{shown}({_error(error, digits)})".replace("-", MINUS)


def pull_text(pull: float) -> str:
    """+1.2 with a true minus sign; large ones without decimals."""
    if not math.isfinite(pull):
        return NONE
    return (f"{pull:+.0f}" if abs(pull) >= 100 else f"{pull:+.1f}").replace("-", MINUS)


def minus(text: str) -> str:
    """The text with true minus signs."""
    return text.replace("-", MINUS)


def number_text(value: float) -> str:
    """Three digits, a true minus sign, powers of ten written out; whole numbers below a million whole."""
    if value == round(value) and abs(value) < 1e6:
        return minus(f"{value:,.0f}".replace(",", "\u202f"))
    mantissa, _, power = f"{value:.3g}".partition("e")
    digits = str(int(power)).translate(POWERS) if power else ""
    return minus(f"{mantissa}×10{digits}" if power else mantissa)


def duration(seconds: float) -> str:
    """Three digits with the unit that suits: 1.81 ms, 42 s, 3 min 20 s."""
    if not math.isfinite(seconds):
        return NONE
    if seconds >= 100:
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
    # What three digits round to the next unit is written in it.
    unit, size = next(((u, s) for u, s in UNITS if seconds >= 0.9995 * s), UNITS[-1])
    return f"{seconds / size:.3g} {unit}"


def _digits(error: float) -> int:
    exponent = math.floor(math.log10(error))
    leading = error / 10.0**exponent
    if leading < 1.95:
        return 1 - exponent
    return -exponent - 1 if leading >= 9.5 and exponent >= 0 else -exponent


def _error(error: float, digits: int) -> str:
    if digits <= 0:
        return f"{round(error, digits):.0f}"
    return f"{error:.{digits}f}" if error >= 0.95 else str(round(error * 10.0**digits))
