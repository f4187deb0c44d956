"""What is marked as incomplete is what Snakemake takes for incomplete."""

from pathlib import Path

import pytest
from snakemake.persistence.file import FilePersistence

from emulant.configuration.damage import remake_damaged
from emulant.storage.checksums import record


@pytest.mark.parametrize("folder", ["results/smoke/toy", "results/" + "/".join(["long" * 20] * 6)])
def test_snakemake_reads_the_mark(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    file = Path(folder) / "ensemble.h5"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"whole")
    record([file])
    assert remake_damaged(Path(".snakemake")) == []
    file.write_bytes(b"wh")
    assert remake_damaged(Path(".snakemake")) == [file]
    persistence = FilePersistence.__new__(FilePersistence)
    persistence._incomplete_cache, persistence._incomplete_path = None, ".snakemake/incomplete"
    persistence._max_len = None
    assert persistence._filter_incomplete_keys([str(file), "another.h5"]) == {str(file)}
