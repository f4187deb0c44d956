"""Weights beside users' arrays: equal ones say nothing, others are one line, as averages of arrays take none."""

import h5py
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage.imported import import_configurations
from emulant.storage.row_weights import LOGARITHMS, WEIGHTS

ROWS = 256


@pytest.fixture
def bring(tmp_path, attributes):
    """A function of arrays by name -> samples of the half that trains."""

    def bring(ending, **arrays):
        file = tmp_path / f"mine.{ending}"
        if ending == "npz":
            np.savez(file, **arrays)
        else:
            with h5py.File(file, "w") as content:
                for name, array in arrays.items():
                    content[name] = array
        dataset = next(iter(arrays))
        record = import_configurations(
            file, tmp_path / "out.h5", (2,), attributes, dataset=dataset, half="training"
        )
        return record["samples"]

    return bring


@pytest.fixture
def rows():
    return np.random.default_rng(1).normal(size=(ROWS, 2))


@pytest.mark.parametrize("ending", ["npz", "h5"])
@pytest.mark.parametrize("name", [*LOGARITHMS, *WEIGHTS])
def test_weights_that_differ_are_one_line(bring, rows, ending, name):
    with pytest.raises(InputError, match=f"mine.{ending}: {name}: expected rows that count alike"):
        bring(ending, phi=rows, **{name: np.linspace(0, 1, ROWS)})


def test_weights_in_the_group_of_the_rows(bring, rows):
    arrays = {"run1/phi": rows, "run1/log_weight": np.linspace(0, 1, ROWS)}
    with pytest.raises(InputError, match=r"run1/log_weight: .* with probability exp\(log_weight - max\)"):
        bring("h5", **arrays)


def test_a_weight_that_is_no_number(bring, rows):
    weights = np.ones(ROWS)
    weights[7] = np.nan
    with pytest.raises(InputError, match="weights that differ"):
        bring("npz", phi=rows, weight=weights)


@pytest.mark.parametrize(
    "others", [{"weight": np.full(ROWS, 0.5)}, {"log_weight": np.zeros((ROWS, 1))}, {"weights": np.eye(3)}]
)
def test_equal_weights_and_what_is_no_weight_of_a_row(bring, rows, others):
    assert bring("npz", phi=rows, **others) == ROWS // 2
