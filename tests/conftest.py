"""The suite on several cores: what runs first, one process at a time that writes Numba's cache; examples of properties."""

from pathlib import Path

from filelock import FileLock
from hypothesis import HealthCheck, settings
from numba.core.caching import IndexDataCacheFile

WORKFLOW = Path(__file__).parent / "workflow"
# The same few examples in every run, whatever the machine's speed; nothing is written beside the tests.
settings.register_profile(
    "same",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("same")


def pytest_configure():
    """Write Numba's cache under a lock.

    Numba reads the index of a function's compiled versions, adds one and writes it back, the machine code beside it:
    two workers that compile two versions at once would give both the same file, and one would run the other's code.
    """
    save = IndexDataCacheFile.save

    def save_alone(cache, key, data):
        with FileLock(f"{cache._index_path}.lock"):
            save(cache, key, data)

    IndexDataCacheFile.save = save_alone


def pytest_collection_modifyitems(items):
    """Put the tests that run Snakemake first: a worker that begins its longest file last keeps the others waiting."""
    items.sort(key=lambda item: WORKFLOW not in item.path.parents)
