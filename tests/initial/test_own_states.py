"""Users' initial states: what is read is what was written, in the middle of the box; each fault is one line."""

import h5py
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.initial.own_states import read_states

DENSITY = 30 * np.exp(-np.add.outer(*(2 * [(np.arange(12) - 5.5) ** 2])) / 8)


@pytest.mark.parametrize("suffix", [".npy", ".h5"])
def test_states_are_read_and_padded(tmp_path, suffix):
    file = tmp_path / f"mine{suffix}"
    if suffix == ".npy":
        np.save(file, DENSITY)
    else:
        with h5py.File(file, "w") as content:
            content["densities"] = np.stack([DENSITY, 2 * DENSITY])
    states = read_states(file, 0.5, cells=16, norm=2.0)
    assert states.shape[1:] == (16, 16)
    assert np.array_equal(states[0, 2:-2, 2:-2], 2 * DENSITY)
    assert states.sum() == pytest.approx(states[:, 2:-2, 2:-2].sum())


@pytest.mark.parametrize(
    "values, keys, message",
    [
        (-DENSITY, {}, "numbers >= 0"),
        (DENSITY * np.nan, {}, "finite numbers"),
        (1e-6 * DENSITY, {}, r"tau_0 s in 1/fm\^2"),
        (DENSITY[:, :9], {}, "shape"),
        (DENSITY, {"cells": 10}, "cells"),
        (DENSITY, {"cells": 13}, "cells"),
        (DENSITY, {"spacing": 0.0}, "spacing"),
    ],
)
def test_a_fault_is_one_line(tmp_path, values, keys, message):
    np.save(tmp_path / "mine.npy", values)
    with pytest.raises(InputError, match=message) as error:
        read_states(tmp_path / "mine.npy", **({"spacing": 0.5} | keys))
    assert "\n" not in str(error.value)
