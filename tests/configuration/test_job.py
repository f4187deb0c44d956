from pathlib import Path
from types import SimpleNamespace

import pytest

from emulant.configuration.job import arguments_of


@pytest.fixture
def job():
    return SimpleNamespace(
        rule="make",
        threads=2,
        wildcards={"shard": "3", "table": "hidden by the output"},
        params={"seed": 7, "file": "a/b.npz", "empty": []},
        input={"many": ["one.h5", "two.h5"], "single": "one.h5", "none": []},
        output={"table": "table.csv"},
    )


def test_values_by_name_and_annotation(job):
    def main(
        table: Path,
        many: list[Path],
        single: list[Path],
        none: list[Path],
        file: Path,
        seed: int,
        shard: int,
        threads: int,
        missing: str = "default",
    ): ...

    assert arguments_of(main, job) == {
        "table": Path("table.csv"),
        "many": [Path("one.h5"), Path("two.h5")],
        "single": [Path("one.h5")],
        "none": [],
        "file": Path("a/b.npz"),
        "seed": 7,
        "shard": 3,
        "threads": 2,
    }


def test_a_parameter_that_the_rule_lacks_is_named(job):
    def main(table: Path, weights: Path): ...

    with pytest.raises(TypeError, match="rule make has no weights"):
        arguments_of(main, job)
