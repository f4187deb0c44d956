"""Numbers as Fortran writes them."""

import numpy as np
import pytest

from emulant.collisions.readers.numbers import BadNumber, Columns, fortran_float, table_of

USED = Columns(3, used=(1, 2), total=4)
FIXED = Columns(4, used=(2, 3), widths=(10, 10, 10, 4))


@pytest.mark.parametrize(
    ("entry", "number"),
    [("0.1D+00", 0.1), ("-.5d-3", -5e-4), ("0.12345678-100", 1.2345678e-101), ("1.D2", 100.0), ("7", 7.0)],
)
def test_numbers_of_fortran(entry, number):
    assert fortran_float(entry) == number


@pytest.mark.parametrize(
    ("lines", "table"),
    [
        (["1 2 3 4\n", "5 6 7\n"], [[1, 2, 3], [5, 6, 7]]),
        (["0.1D+01 2d0 3 4\n"], [[1, 2, 3]]),
        (["1 0.2-100 0.3+101 4\n", "1 2 3 4\n"], [[1, 2e-101, 3e100], [1, 2, 3]]),
        (["**** 2 3 4\n"], [[np.nan, 2, 3]]),
        (["1 2 3*****\n"], [[1, 2, 3]]),
        (["1 2 3 ***** 0.1-100\n"], [[1, 2, 3]]),
        ([], np.zeros((0, 3))),
    ],
)
def test_tables(lines, table):
    np.testing.assert_allclose(table_of(lines, USED), table, rtol=1e-15)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["1 2 3\n", "1 2\n"], "row 1: expected 3 columns, got 2"),
        (["1 2 x\n"], "row 0: expected a number in column 3, got 'x'"),
        (["1 **** 3 4\n"], "row 0: expected a number in column 2"),
        (["x 2 3 4\n"], "row 0: expected a number in column 1"),
        # Two fields of stars, or an integer of three digits behind a number, that touch: columns cannot be told apart.
        (["******** 3 4\n"], "row 0: expected 4 columns, got 3"),
        (["0.5-211 3 4\n"], "row 0: expected 4 columns, got 3"),
        (["\n", "1 2 3\n"], "row 0: expected 3 columns, got 0"),
    ],
)
def test_what_is_refused(lines, words):
    with pytest.raises(BadNumber, match=words):
        table_of(lines, USED)


def test_fields_that_touch_are_cut_by_their_widths():
    """Stars of two fields, after a number, between numbers; a line with other widths is refused, not cut."""
    lines = [f"{'*' * 20}{0.25:10.3E}{7:4d}\n", f"{0.125:10.3E}{'*' * 10}{0.5:10.3E}{-8:4d}\n"]
    expected = [[np.nan, np.nan, 0.25, 7], [0.125, np.nan, 0.5, -8]]
    np.testing.assert_array_equal(table_of(lines, FIXED), expected)
    with pytest.raises(BadNumber, match="row 1: expected fields in Fortran's columns"):
        table_of([lines[0], "0.125 ********** 0.5 -8\n"], FIXED)
