"""The tables of published values are whole, and are matched by system, parameters and shape."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.judging.published import published_values
from emulant.systems import observables_of, published_tables

TABLES = [*published_tables("phi4"), *published_tables("two_peak")]
CRITICAL = {"kappa": 0.26, "lambda": 0.022, "shape": [16, 16]}


def test_every_row_names_an_observable_and_an_index_that_exist():
    systems = [("phi4", {"kappa": k, "lambda": 0.022}) for k in (0.21, 0.26, 0.27088, 0.4, 0.5)]
    rows = [published_values(TABLES, kind, numbers, (32, 32)) for kind, numbers in systems]
    rows.append(published_values(TABLES, "two_peak", {"mean": 1.0, "width": 0.25}, (1,)))
    assert len(rows[-1]) == 12 and all(len(table) > 3 for table in rows)
    for table, kind in zip(rows, [*["phi4"] * 5, "two_peak"], strict=True):
        observables = observables_of(kind)
        assert set(table["protocol"]) <= {"equilibrium", "quench"}
        assert set(table["comparable"]) <= {"yes", "no"}
        for row in table.itertuples():
            assert row[table.columns.get_loc("index") + 1] in observables[row.observable].indices((32, 32))


def test_rows_are_those_of_the_coupling_and_the_lattice():
    assert published_values(TABLES, "phi4", CRITICAL, (16, 16))["value"].iloc[0] == 0.25252
    assert published_values(TABLES, "phi4", CRITICAL | {"lambda": 0.5}, (16, 16)).empty
    assert published_values(TABLES, "phi4", CRITICAL, (12, 12)).empty
    assert published_values([], "phi4", CRITICAL, (16, 16)).empty


def test_the_quench_is_told_from_equilibrium():
    table = published_values(TABLES, "phi4", {"kappa": 0.4, "lambda": 0.022}, (32, 32))
    table = table[table["of"] == "reference"]
    ratios = table[(table["observable"] == "kappa_ratio") & (table["index"] == 4)].set_index("protocol")[
        "value"
    ]
    assert ratios["equilibrium"] == pytest.approx(-1.946215) and set(ratios["quench"]) == {-1.8785, -1.87794}


def test_ratios_of_the_talk_follow_from_its_cumulants():
    """To half a digit of what is printed: kappa_2, 4, 6, 8 of normalised fields, of HMC and of the diffusion model."""
    printed = {
        "reference": (0.39597, -0.29453, 0.90108, -5.8689),
        "ve_baseline": (0.39598, -0.29454, 0.90113, -5.8694),
    }
    table = published_values(TABLES, "phi4", {"kappa": 0.4, "lambda": 0.022}, (32, 32))
    table = table[table["table"].str.contains("normalised")]
    assert len(table) == 6
    for of, rows in table.groupby("of"):
        second, *higher = printed[of]
        expected = [k / second**n for n, k in zip((2, 3, 4), higher, strict=True)]
        assert rows.sort_values("index")["value"].to_numpy() == pytest.approx(expected, rel=3e-5)


def test_the_published_symmetric_phase_agrees_with_high_statistics():
    """chi_2 at kappa = 0.21 on 32 x 32: the three published ensembles are 1.6, 1.3 and 1.6 of their errors low."""
    table = published_values(TABLES, "phi4", {"kappa": 0.21, "lambda": 0.022}, (32, 32))
    rows = table[(table["observable"] == "susceptibility") & (table["source"] == "2309.17082")].set_index(
        "of"
    )
    pulls = (rows["value"] - 2.5878) / np.hypot(rows["error"], 0.0062)
    expected = {"training": -1.56, "reference": -1.29, "ve_baseline": -1.59}
    assert pulls.to_dict() == pytest.approx(expected, abs=0.01)


def test_a_table_without_a_column_is_refused(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("kind,value\nphi4,1\n")
    with pytest.raises(InputError, match="parameters"):
        published_values([path], "phi4", CRITICAL, (16, 16))
