"""Random valid files of arrays come back, whatever wrote them: dtype, order of bytes and axes, container, group, packing."""

import h5py
import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from emulant.storage.array_files import opened_arrays
from emulant.storage.ensemble import EnsembleWriter, open_ensemble
from emulant.storage.hdf5 import read_rows
from emulant.storage.imported import import_configurations
from emulant.storage.pairs import Pairs, PairsWriter, open_pairs

SHAPES = some.lists(some.integers(1, 4), min_size=1, max_size=3).map(tuple)
ROWS = some.integers(128, 200)
FLOATS = some.sampled_from(["<f4", ">f4", "<f8", ">f8"])
NUMBERS = some.sampled_from(["<f4", ">f8", "<c8", ">c16", "|i1", ">i2", "<u4", "<i8"])
ENDINGS = some.sampled_from(["npy", "npz", "packed.npz", "h5", "packed.h5"])
SCALES = some.sampled_from([1e-30, 1e-3, 1.0, 1e30])


def numbers(seed, shape, dtype, scale=1.0):
    """Normal numbers of a dtype; integers of all sizes that it has."""
    draw, dtype = np.random.default_rng(seed), np.dtype(dtype)
    if dtype.kind in "iu":
        span = np.iinfo(dtype)
        return draw.integers(span.min, span.max, shape, dtype.newbyteorder("="), endpoint=True).astype(dtype)
    values = draw.normal(size=shape) + (1j * draw.normal(size=shape) if dtype.kind == "c" else 0)
    return (scale * values).astype(dtype)


def stored(path, arrays):
    """Write arrays by name into a file of the kind that its name says; packed ones in odd chunks."""
    if path.suffix == ".npy":
        np.save(path, next(iter(arrays.values())))
    elif path.suffix == ".npz":
        (np.savez_compressed if "packed" in path.name else np.savez)(path, **arrays)
    else:
        with h5py.File(path, "w") as file:
            for name, values in arrays.items():
                packed = {"chunks": (7, *values.shape[1:]), "compression": "gzip", "shuffle": True}
                file.create_dataset(name, data=values, **(packed if "packed" in path.name else {}))
    return path


@given(ENDINGS, NUMBERS, ROWS, SHAPES, some.booleans(), some.integers(0, 99))
def test_arrays_come_back_to_the_bit(tmp_path, ending, dtype, rows, shape, by_columns, seed):
    values = np.array(numbers(seed, (rows, *shape), dtype), order="F" if by_columns else "C")
    path = stored(tmp_path / f"a.{ending}", {"phi": values})
    with opened_arrays(path, ["phi"]) as arrays:
        np.testing.assert_array_equal(read_rows(path, arrays["phi"]), values)
        np.testing.assert_array_equal(read_rows(path, arrays["phi"], slice(5, 120, 3)), values[5:120:3])


@given(ENDINGS, FLOATS, ROWS, SHAPES, SCALES, some.sampled_from([None, 1, 3]), some.integers(0, 99))
def test_halves_of_fields_are_the_file(tmp_path, attributes, ending, dtype, rows, shape, scale, chains, seed):
    """Halves in the precision of the system, and chains by whatever whole numbers name them."""
    values = numbers(seed, (rows, *shape), dtype, scale)
    arrays, number = {"phi": values}, np.zeros(rows, int)
    if chains and not ending.endswith("npy"):
        names = np.random.default_rng(seed).permutation(2**62 + np.arange(chains))
        number = np.arange(rows) % chains
        arrays |= {"chain": np.sort(names)[number]}
    path = stored(tmp_path / f"a.{ending}", arrays)
    halves = []
    for half in ("training", "reference"):
        import_configurations(path, tmp_path / "half.h5", shape, attributes, dataset="phi", half=half)
        with open_ensemble(tmp_path / "half.h5", site_shape=shape) as file:
            halves.append((file.read(), file.chain))
    fields, chain = (np.concatenate(parts) for parts in zip(*halves, strict=True))
    np.testing.assert_array_equal(fields, values.astype("f4"))
    np.testing.assert_array_equal(chain, number)


@given(some.sampled_from(["f4", "f8", "c8", "c16"]), ROWS, SHAPES, some.integers(0, 99))
def test_ensembles_come_back_in_any_pieces(tmp_path, attributes, dtype, rows, shape, seed):
    values, weights = numbers(seed, (rows, *shape), dtype), numbers(seed, rows, "f8")
    cuts = [0, *sorted(np.random.default_rng(seed).integers(0, rows, 3)), rows]
    with EnsembleWriter(
        tmp_path / "a.h5", shape, attributes=attributes, dtype=dtype, log_weight=True
    ) as writer:
        for start, stop in zip(cuts, cuts[1:], strict=False):
            writer.append(values[start:stop], log_weight=weights[start:stop])
    with open_ensemble(tmp_path / "a.h5", site_shape=shape) as file:
        np.testing.assert_array_equal(np.concatenate(list(file.chunks(33))), values)
        np.testing.assert_array_equal(file.log_weight, weights)


@given(ROWS, SHAPES, SHAPES, some.sampled_from([None, 1, 3]), some.integers(0, 99))
def test_pairs_come_back_in_any_pieces(tmp_path, attributes, rows, one, other, repeats, seed):
    several = () if repeats is None else (repeats,)
    pairs = Pairs(
        numbers(seed, (rows, *one), "f4"),
        numbers(seed + 1, (rows, *several, *other), "f4"),
        {"eta": numbers(seed, rows, "f8")},
    )
    options = {"attributes": attributes, "repeats": repeats, "conditions": {"eta": ("float64", ())}}
    with PairsWriter(tmp_path / "a.h5", one, other, **options) as writer:
        writer.append(pairs[:50])
        writer.append(pairs[50:])
    with open_pairs(tmp_path / "a.h5", shapes=(one, other)) as file:
        for start, part in zip(range(0, rows, 33), file.chunks(33), strict=True):
            np.testing.assert_array_equal(part.inputs, pairs.inputs[start : start + 33])
            np.testing.assert_array_equal(part.outputs, pairs.outputs[start : start + 33])
            np.testing.assert_array_equal(part.conditions["eta"], pairs.conditions["eta"][start : start + 33])
