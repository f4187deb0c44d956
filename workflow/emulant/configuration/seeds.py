"""One root seed; every job derives its own from its identity."""

import hashlib

import numpy as np

__all__ = ["job_seed"]


def job_seed(root: int, *identity: str) -> int:
    """A 63-bit seed for the job named by `identity`, stable across machines and orders of execution."""
    digest = hashlib.sha256("\0".join(identity).encode()).digest()
    key = tuple(int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4))
    return int(np.random.SeedSequence(root, spawn_key=key).generate_state(1, np.uint64)[0] >> 1)
