"""A user's array as a reference."""

import numpy as np

from emulant.stages.reference import write_reference

__all__ = ["import_array"]


def import_array(array, folder, block):
    """Write an array as a file of a user's and import it as folder/reference.h5 and .json, for the system of a block."""
    folder.mkdir(exist_ok=True)
    np.save(folder / "mine.npy", array)
    write_reference(
        folder / "reference.h5",
        folder / "reference.json",
        folder / "cost.json",
        role="reference",
        system=block,
        reference={"sampler": "file", "file": str(folder / "mine.npy")},
        seed=1,
        checkpoint=folder / "c.npz",
        threads=1,
    )
