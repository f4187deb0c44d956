"""Workers that compile versions of one function at once find each its own machine code."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from numba.core.caching import IndexDataCacheFile

WORKERS = 8


def test_versions_written_at_once_have_files_of_their_own(tmp_path):
    barrier = Barrier(WORKERS)

    def save(version):
        barrier.wait()
        IndexDataCacheFile(str(tmp_path), "function", "stamp").save(version, f"code {version}")

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(save, range(WORKERS)))
    cache = IndexDataCacheFile(str(tmp_path), "function", "stamp")
    assert [cache.load(version) for version in range(WORKERS)] == [
        f"code {version}" for version in range(WORKERS)
    ]
