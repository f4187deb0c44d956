"""A user's table of design points: its end judges, columns go where the prior has them, what cannot be used is one line."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emulant.errors import InputError
from emulant.forms.posteriors import form
from emulant.inference.tables import read_table
from emulant.storage.pairs import open_pairs
from emulant.systems import system_from

BLOCK = {"kind": "design_table", "prior": {"norm": {"uniform": [10.0, 20.0]}, "eta": {"normal": [0.1, 0.02]}}}
POINTS, HELD_OUT = 60, 20


@pytest.fixture
def table(tmp_path):
    """Two files in CSV whose columns lie in another order than the prior's; returns settings and numbers."""
    rng = np.random.default_rng(1)
    design = pd.DataFrame({"eta": rng.normal(0.1, 0.02, POINTS), "norm": rng.uniform(10, 20, POINTS)})
    observables = pd.DataFrame(rng.normal(size=(POINTS, 3)), columns=["N, b = 2 fm", "v2", "v3"])
    design.to_csv(tmp_path / "design.csv", index_label="idx")
    observables.to_csv(tmp_path / "observables.csv", index=False)
    files = {"file": str(tmp_path / "design.csv"), "observables": str(tmp_path / "observables.csv")}
    return {"sampler": "file", "held_out": HELD_OUT, **files}, design, observables


def imported(settings, folder, half, system=BLOCK):
    """Pairs of a half, and the labels of the observables."""
    path = folder / "pairs.h5"
    form.import_file(system_from(system), path, settings=settings, seed=1, half=half)
    with open_pairs(path) as file:
        return file.read(), list(file.attributes["labels"])


def test_the_end_judges_and_the_rest_trains(table, tmp_path):
    settings, design, observables = table
    for half, rows in (("training", slice(POINTS - HELD_OUT)), ("reference", slice(POINTS - HELD_OUT, None))):
        pairs, labels = imported(settings, tmp_path, half)
        np.testing.assert_allclose(pairs.outputs, design[["norm", "eta"]].to_numpy()[rows], rtol=1e-6)
        np.testing.assert_allclose(pairs.inputs, observables.to_numpy()[rows], rtol=1e-6)
        assert labels == list(observables)


def test_points_are_left_out_on_request(table, tmp_path):
    """By their numbers in the file: the point with a NaN, and another one."""
    settings, _, observables = table
    observables.iloc[3, 1] = np.nan
    observables.to_csv(settings["observables"], index=False)
    with pytest.raises(InputError, match=r"`leave_out` leaves a point out.* at point 3"):
        imported(settings, tmp_path, "training")
    pairs, _ = imported(settings | {"leave_out": [3, 10]}, tmp_path, "training")
    rows = np.delete(np.arange(POINTS - HELD_OUT), [3, 10])
    np.testing.assert_allclose(pairs.inputs, observables.to_numpy()[rows], rtol=1e-6)


def test_arrays_are_in_the_order_of_the_prior(table, tmp_path):
    _, design, observables = table
    arrays = {"parameters": design[["norm", "eta"]].to_numpy(), "observables": observables.to_numpy()}
    np.savez(tmp_path / "table.npz", **arrays)
    pairs, labels = imported(
        {"sampler": "file", "file": tmp_path / "table.npz", "held_out": HELD_OUT}, tmp_path, "reference"
    )
    np.testing.assert_allclose(pairs.outputs, arrays["parameters"][-HELD_OUT:], rtol=1e-6)
    assert labels == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("change", "prior", "message"),
    [
        ({"held_out": 58}, {}, "held_out: expected 16 or more that judge, and more than 2 parameters"),
        ({"held_out": 4}, {}, "held_out: expected 16 or more"),
        ({"leave_out": [60]}, {}, "leave_out: expected numbers of points below 60"),
        ({}, {"norm": {"uniform": [10.0, 12.0]}}, r"inside the prior.*got point \d+, norm = 1"),
        ({}, {"zeta": {"uniform": [0.0, 1.0]}}, "zeta: expected a column for each parameter of the prior"),
    ],
)
def test_what_cannot_be_used(table, tmp_path, change, prior, message):
    system = BLOCK | {"prior": BLOCK["prior"] | prior}
    with pytest.raises(InputError, match=message):
        imported(table[0] | change, tmp_path, "training", system)


def test_what_a_table_must_say(table, tmp_path):
    settings = table[0]
    without = {key: value for key, value in settings.items() if key != "held_out"}
    with pytest.raises(InputError, match="held_out: expected how many design points"):
        imported(without, tmp_path, "training")
    with pytest.raises(InputError, match="eta: expected a prior for each parameter of the table"):
        imported(settings, tmp_path, "training", {**BLOCK, "prior": {"norm": {"uniform": [10.0, 20.0]}}})


def test_numbers_stay_those_of_the_file(table):
    files = (Path(table[0][key]) for key in ("file", "observables"))
    left = read_table(*files, leave_out=[0])
    np.testing.assert_array_equal(left.numbers, np.arange(1, POINTS))
    np.testing.assert_array_equal(left.without([1]).numbers, np.arange(2, POINTS))
