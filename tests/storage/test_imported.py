import h5py
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage.ensemble import open_ensemble
from emulant.storage.imported import import_configurations


@pytest.fixture
def bring(tmp_path, attributes):
    def bring(file, half="training", shape=(8, 8), dataset="configurations"):
        target = tmp_path / f"{half}.h5"
        import_configurations(file, target, shape, attributes, dataset=dataset, half=half)
        return target

    return bring


@pytest.mark.parametrize("form", ["npy", "h5"])
def test_halves_are_whole_and_do_not_overlap(tmp_path, bring, fields, form):
    file = tmp_path / f"mine.{form}"
    if form == "npy":
        np.save(file, fields)
    else:
        with h5py.File(file, "w") as content:
            content["configurations"] = fields
    with open_ensemble(bring(file)) as one, open_ensemble(bring(file, "reference")) as two:
        np.testing.assert_array_equal(np.concatenate([one.read(), two.read()]), fields)
        assert len(one) == len(two) == 300
        assert not one.chain.any()


def test_chains_are_kept(tmp_path, bring, fields):
    with h5py.File(tmp_path / "mine.h5", "w") as content:
        content["phi"], content["chain"] = fields, np.arange(600) % 3
    with open_ensemble(bring(tmp_path / "mine.h5", dataset="phi")) as ensemble:
        np.testing.assert_array_equal(ensemble.chain, np.arange(300) % 3)


def spoiled(fields, row):
    out = fields.copy()
    out[row, 0, 0] = np.nan
    return out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda fields: fields[:, :4], r"of shape \(N, 8, 8\), got float32 of shape \(600, 4, 8\)"),
        (lambda fields: fields.astype(int), "float32 or float64"),
        (lambda fields: fields.astype(object), "truncated or foreign"),
        (lambda fields: fields[:20], "at least 128 samples, got 20"),
        (lambda fields: spoiled(fields, 17), "NaN or infinity in row 17"),
    ],
)
def test_arrays_that_cannot_be_used(tmp_path, bring, fields, change, words):
    np.save(tmp_path / "mine.npy", change(fields), allow_pickle=True)
    with pytest.raises(InputError, match=words):
        bring(tmp_path / "mine.npy")
    assert not (tmp_path / "training.h5").exists()


def test_files_that_cannot_be_used(tmp_path, bring, fields):
    with pytest.raises(InputError, match="no such file"):
        bring(tmp_path / "none.npy")
    np.save(tmp_path / "mine.npy", fields)
    whole = (tmp_path / "mine.npy").read_bytes()
    (tmp_path / "mine.npy").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="truncated or foreign"):
        bring(tmp_path / "mine.npy")
    with h5py.File(tmp_path / "mine.h5", "w") as content:
        content["phi"] = fields
    with pytest.raises(InputError, match="there are phi"):
        bring(tmp_path / "mine.h5")


def test_spins_in_wide_integers_are_those_of_the_system(tmp_path, attributes):
    spins = np.random.default_rng(1).choice([-1, 1], (200, 4))
    np.save(tmp_path / "mine.npy", spins)

    def bring():
        target = tmp_path / "training.h5"
        import_configurations(
            tmp_path / "mine.npy", target, (4,), attributes, dataset="spins", half="training", dtype="int8"
        )
        return open_ensemble(target)

    with bring() as ensemble:
        assert ensemble.dtype == np.int8
        np.testing.assert_array_equal(ensemble.read(), spins[:100])
    np.save(tmp_path / "mine.npy", np.where(np.arange(200)[:, None] == 31, 1000, spins))
    with pytest.raises(InputError, match="numbers of int8, got 1000 in row 31"):
        bring()


def test_numbers_beyond_the_precision_of_the_system_are_refused(tmp_path, bring, fields):
    wide = fields.astype(float)
    wide[5] = 1e39
    np.save(tmp_path / "mine.npy", wide)
    with pytest.raises(InputError, match="infinity in row 5"):
        bring(tmp_path / "mine.npy")
