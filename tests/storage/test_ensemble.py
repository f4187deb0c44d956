import h5py
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage.atomic import atomic_path
from emulant.storage.ensemble import EnsembleWriter, open_ensemble
from emulant.storage.imported import import_configurations
from emulant.storage.provenance import provenance

ATTRIBUTES = provenance(system="phi4", parameters={"kappa": 0.2}, sampler="hmc", seed=1)


def write(path, fields):
    with EnsembleWriter(path, fields.shape[1:], attributes=ATTRIBUTES, chain=True) as writer:
        writer.append(fields, chain=np.arange(len(fields)))


def test_what_is_written_is_read(tmp_path):
    fields = np.random.default_rng(1).normal(size=(300, 4, 4)).astype(np.float32)
    write(tmp_path / "a.h5", fields)
    with open_ensemble(tmp_path / "a.h5", site_shape=(4, 4)) as made:
        np.testing.assert_array_equal(np.concatenate(list(made.chunks(128))), fields)
        assert made.attributes["parameters"] == {"kappa": 0.2}
    with h5py.File(tmp_path / "a.h5") as plain:
        assert plain["configurations"].shape == (300, 4, 4)


def test_a_failed_write_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.h5"
    write(path, np.ones((3, 4, 4), np.float32))
    before = path.read_bytes()
    with pytest.raises(OSError), EnsembleWriter(path, (4, 4), attributes=ATTRIBUTES) as writer:
        writer.append(np.zeros((2, 4, 4), np.float32))
        raise OSError("No space left on device")
    assert path.read_bytes() == before
    with pytest.raises(OSError), atomic_path(tmp_path / "b") as temporary:
        temporary.write_text("half")
        raise OSError("No space left on device")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.h5"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "whole HDF5"),
        (lambda path: path.write_text("not HDF5"), "whole HDF5"),
        (lambda path: path.unlink(), "no such file"),
    ],
)
def test_truncated_foreign_and_missing_files(tmp_path, spoil, words):
    path = tmp_path / "a.h5"
    write(path, np.ones((600, 8, 8), np.float32))
    spoil(path)
    with pytest.raises(InputError, match=words):
        open_ensemble(path)


def test_wrong_shape_nan_and_foreign_dataset(tmp_path):
    path = tmp_path / "a.h5"
    fields = np.ones((3, 4, 4), np.float32)
    fields[1, 2, 2] = np.nan
    write(path, fields)
    with pytest.raises(InputError, match=r"lattice shape \(8, 8\)"):
        open_ensemble(path, site_shape=(8, 8))
    with open_ensemble(path) as made, pytest.raises(InputError, match="row 1"):
        made.read()
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["something"] = 1.0
    with pytest.raises(InputError, match="configurations"):
        open_ensemble(tmp_path / "b.h5")


def test_imported_halves_do_not_overlap(tmp_path):
    fields = np.arange(10.0).reshape(10, 1, 1) * np.ones((1, 4, 4))
    np.save(tmp_path / "mine.npy", fields)
    for half in ("training", "reference"):
        target = tmp_path / f"{half}.h5"
        arguments = (tmp_path / "mine.npy", target, (4, 4), ATTRIBUTES)
        assert import_configurations(*arguments, dataset="configurations", half=half) == 5
    with open_ensemble(tmp_path / "training.h5") as one, open_ensemble(tmp_path / "reference.h5") as two:
        assert set(one.read()[:, 0, 0]).isdisjoint(two.read()[:, 0, 0])
    with pytest.raises(InputError, match="shape"):
        import_configurations(
            tmp_path / "mine.npy",
            tmp_path / "x.h5",
            (5, 5),
            ATTRIBUTES,
            dataset="configurations",
            half="training",
        )
