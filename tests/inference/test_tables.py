"""Tables of design points: what is written is read, and what cannot be used is one line."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.inference.tables import read_table

DESIGN = "idx,norm,p\n0,10,0.5\n1,12,-0.5\n2,14,0.0\n"
OBSERVABLES = "N,v2\n100,0.05\n120,0.06\n{last},0.07\n"


def files(tmp_path, last="140", errors="N,v2\n1,0.01\n2,0.01\n3,0.01\n"):
    texts = {"design": DESIGN, "observables": OBSERVABLES.format(last=last), "errors": errors}
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return [tmp_path / f"{name}.csv" for name in texts]


def test_tables_in_csv(tmp_path):
    table = read_table(*files(tmp_path))
    assert table.names == ("norm", "p") and table.labels == ("N", "v2")
    np.testing.assert_array_equal(table.parameters[:, 0], [10, 12, 14])
    np.testing.assert_array_equal(table.without([1]).observables, [[100, 0.05], [140, 0.07]])
    np.testing.assert_allclose(
        table.unit(np.array([10, -0.5]), np.array([14, 0.5]))[0], [-np.sqrt(3), np.sqrt(3)]
    )


def test_arrays_in_one_file(tmp_path):
    parameters, observables = np.arange(6.0).reshape(3, 2), np.ones((3, 4))
    np.savez(tmp_path / "table.npz", parameters=parameters, observables=observables)
    table = read_table(tmp_path / "table.npz")
    np.testing.assert_array_equal(table.parameters, parameters)
    assert not table.errors.any() and table.errors.shape == (3, 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"last": "nan"}, "observables: expected finite numbers.* at point 2"),
        ({"last": "many"}, "N: expected a column of numbers"),
        ({"errors": "N,v2\n1,0.01\n"}, "errors: expected 3 points of 2 observables"),
        ({"errors": "N,v2\n1,0.01\n-2,0.01\n3,0.01\n"}, "errors: expected errors of zero or more"),
    ],
)
def test_what_cannot_be_used(tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        read_table(*files(tmp_path, **change))
