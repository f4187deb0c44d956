import math

import pytest

from emulant.plots.format import duration, pull_text, value_with_error


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (0.622381, 0.000055, "0.62238(6)"),
        (-1.946215, 0.000014, "−1.946215(14)"),
        (14387.1, 1.1, "14387.1(1.1)"),
        (257.5, 2.4, "258(2)"),
        (2174.9, 34.0, "2170(30)"),
        (0.5, 0.0996, "0.50(10)"),
        (0.0, 0.3, "0.0(3)"),
        (3.1e-6, 5e-7, "3.1(5)×10⁻⁶"),
        (1.0625, 0.0, "1.0625"),
        (1.0625, math.nan, "1.0625"),
        (math.nan, 0.1, "–"),
        (930.024, 8e-12, "930.024"),
    ],
)
def test_values_are_written_with_their_error_in_the_last_digits(value, error, shown):
    assert value_with_error(value, error) == shown


def test_pulls_and_durations():
    assert [pull_text(x) for x in (1.24, -0.36, 250.4, math.nan)] == ["+1.2", "−0.4", "+250", "–"]
    assert [duration(x) for x in (9.999e-7, 1.81e-3, 1.5e-6, 42, 200, 7260)] == [
        "1 µs", "1.81 ms", "1.5 µs", "42 s", "3 min 20 s", "2 h 1 min",
    ]  # fmt: skip
