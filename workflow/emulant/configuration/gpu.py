"""Whether this machine has a GPU, what to say where a scale wants one, and which a job sees; without torch."""

import os
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any

__all__ = ["fallback", "give"]

DEVICES = ("nvidia[0-9]*", "kfd")


def fallback(experiments: Iterable[dict[str, Any]], scale: str, devices: Path = Path("/dev")) -> str:
    """A warning where the merged settings of `experiments` ask for a GPU and `devices` lists none, else nothing."""
    wanted = any(settings["job"]["gpus"] for settings in experiments)
    there = any(True for pattern in DEVICES for _ in devices.glob(pattern))
    if there or not wanted:
        return ""
    return f"Warning: scale {scale} wants a GPU and this machine has none; what runs here runs on the CPU, slowly."


def give(gpus: int, environment: MutableMapping[str, str] = os.environ) -> None:
    """Let this process and those that it starts see the first `gpus` GPUs of those that it sees now, and no others.

    Snakemake counts GPUs and hides none; what Slurm has dealt out stays, whatever its GPUs are called there. To be
    called before torch looks for them.
    """
    seen = environment.get("CUDA_VISIBLE_DEVICES")
    if seen is not None and "SLURM_JOB_ID" in environment:
        return
    numbers = map(str, range(gpus)) if seen is None else seen.split(",")[:gpus]
    environment["CUDA_VISIBLE_DEVICES"] = ",".join(numbers)
