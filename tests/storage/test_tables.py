import numpy as np
import pandas as pd
import pytest

from emulant.errors import InputError
from emulant.storage.records import read_json, write_json
from emulant.storage.tables import COLUMNS, read_rows, read_table, write_rows, write_table


@pytest.fixture
def table():
    frame = pd.DataFrame({column: [0.1, 1 / 3] for column in COLUMNS["observables"]})
    return frame.assign(
        experiment="e", model="flow", variant=["", "weighted"], observable="kappa", index=[2, 4]
    )


def test_csv_and_parquet_hold_every_digit(tmp_path, table):
    write_table(tmp_path / "a.csv", table, "observables")
    for read in (read_table(tmp_path / "a.csv", "observables"), pd.read_parquet(tmp_path / "a.parquet")):
        pd.testing.assert_frame_equal(read, table, check_exact=True)


def test_the_same_table_gives_the_same_bytes(tmp_path, table):
    for name in ("a", "b"):
        write_table(tmp_path / f"{name}.csv", table, "observables")
    for kind in ("csv", "parquet"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_a_missing_column(tmp_path, table):
    with pytest.raises(InputError, match="tau_int: expected a column"):
        write_table(tmp_path / "a.csv", table.drop(columns="tau_int"), "observables")
    assert not (tmp_path / "a.csv").exists()
    (tmp_path / "b.csv").write_text("")
    with pytest.raises(InputError, match="a CSV table"):
        read_table(tmp_path / "b.csv", "observables")


def test_an_empty_variant_stays_empty_in_any_table(tmp_path):
    """Read without care it is NaN, which equals nothing and vanishes from groups."""
    write_rows(tmp_path / "a.csv", pd.DataFrame({"model": ["flow", "none"], "variant": ["", "weighted"]}))
    assert read_rows(tmp_path / "a.csv")["variant"].tolist() == ["", "weighted"]


def test_records(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1 / 3, "a": [1, 2]})
    assert read_json(tmp_path / "a.json") == {"b": 1 / 3, "a": [1, 2]}
    (tmp_path / "a.json").write_text('{"b": ')
    with pytest.raises(InputError, match="line 1: expected valid JSON"):
        read_json(tmp_path / "a.json")


def test_numpy_numbers_in_records(tmp_path):
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"b": np.float32(1)})
    assert not (tmp_path / "a.json").exists()
