"""GPUs of this machine: a warning where a scale needs one, and the ones that a job may use; without torch."""

import os
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any

__all__ = ["fallback", "give"]

# Device files of NVIDIA and of AMD.
DEVICES = ("nvidia[0-9]*", "kfd")


def fallback(experiments: Iterable[dict[str, Any]], scale: str, devices: Path = Path("/dev")) -> str:
    """Return a warning if `experiments` (merged settings) ask for a GPU and `devices` lists none, else ""."""
    wanted = any(settings["job"]["gpus"] for settings in experiments)
    available = any(True for pattern in DEVICES for _ in devices.glob(pattern))
    if available or not wanted:
        return ""
    return f"Warning: scale {scale} wants a GPU and this machine has none; what runs here runs on the CPU, slowly."


def give(gpus: int, environment: MutableMapping[str, str] = os.environ) -> None:
    """Restrict this process and its children to the first `gpus` of the visible GPUs.

    Snakemake counts GPUs and hides none. Under Slurm the job's own selection stays. Must be called before torch looks for
    GPUs.
    """
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if visible is not None and "SLURM_JOB_ID" in environment:
        return
    numbers = map(str, range(gpus)) if visible is None else visible.split(",")[:gpus]
    environment["CUDA_VISIBLE_DEVICES"] = ",".join(numbers)
