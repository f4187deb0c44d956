"""Random events come back from every format, at the digits that it prints, compressed or not."""

import bz2
import gzip
import lzma
from functools import partial

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as some

from emulant.collisions.events import Events, concatenated, on_shell
from emulant.collisions.readers import read_foreign
from emulant.collisions.species import MASSES, PDG
from emulant.collisions.tables import facts_path, open_events, write_events

from .foreign_files import write_hepmc, write_oscar1997, write_oscar2013, write_urqmd

WRITERS = {
    "f13": partial(write_urqmd, more=" 0.1E+01" * 8),
    "f14": partial(write_urqmd, times=3),
    "f19": write_oscar1997,
    "oscar": write_oscar2013,
    "hepmc2": partial(write_hepmc, version=2),
    "hepmc3": write_hepmc,
}
PACKED = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@some.composite
def events(draw):
    """Up to 90 events, more than are in memory at once, of up to seven particles of all species, some events empty."""
    counts = draw(some.lists(some.integers(0, 7), min_size=1, max_size=90))
    kinds = np.array(draw(some.lists(some.integers(0, 25), min_size=7, max_size=7)))
    scale = draw(some.sampled_from([1e-3, 0.3, 5.0, 100.0]))
    random = np.random.default_rng(draw(some.integers(0, 99)))
    kind = kinds[random.integers(0, 7, sum(counts))]
    momenta = on_shell(random.normal(scale=(scale, scale, 3 * scale), size=(len(kind), 3)), MASSES[kind])
    impact = random.uniform(0, 15, len(counts))
    return Events(np.arange(len(counts)), np.array(counts), PDG[kind], momenta, {"impact_parameter": impact})


def same(one, two, digits):
    np.testing.assert_array_equal(one.number, two.number)
    np.testing.assert_array_equal(one.counts, two.counts)
    np.testing.assert_array_equal(one.pdg, two.pdg)
    np.testing.assert_allclose(one.momenta, two.momenta, rtol=digits, atol=1e-9)
    np.testing.assert_allclose(
        one.facts["impact_parameter"], two.facts["impact_parameter"], atol=max(digits, 1e-12) * 1e4
    )


@pytest.mark.parametrize("name", WRITERS)
@given(events(), some.sampled_from([*PACKED]))
def test_events_of_every_generator(tmp_path, name, sample, packing):
    path = tmp_path / name
    WRITERS[name](path, sample)
    packed = tmp_path / f"{name}.file{packing}"
    packed.write_bytes(PACKED[packing](path.read_bytes()))
    same(concatenated(list(read_foreign(packed))), sample, 1e-8)


@given(events(), some.sampled_from(["NONE", "snappy", "zstd", "gzip"]), some.integers(1, 50), some.booleans())
def test_event_tables(tmp_path, sample, compression, group, stretched):
    """As we write them, and written again by others: any order of columns, size of groups, packing and event numbers."""
    sample = sample.numbered(sample.number * 10**12 - 5) if stretched else sample
    path = tmp_path / "a.parquet"
    write_events(path, sample, {"system": "a"})
    for file in (path, facts_path(path)):
        table = pq.read_table(file)
        table = table.select(table.column_names[::-1])
        pq.write_table(table, file, row_group_size=group, compression=compression)
    with open_events(path) as file:
        same(concatenated(list(file.chunks(7))), sample, 0)
