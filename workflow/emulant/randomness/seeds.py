"""Seed of every job, derived from one root seed and the job's identity."""

import hashlib

import numpy as np

__all__ = ["job_seed"]


def job_seed(root: int, *identity: str) -> int:
    """Derive a 63-bit seed for the job named by `identity`, the same on every machine and in any order of execution."""
    digest = hashlib.sha256("\0".join(identity).encode()).digest()
    key = tuple(int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4))
    return int(np.random.SeedSequence(root, spawn_key=key).generate_state(1, np.uint64)[0] >> 1)
