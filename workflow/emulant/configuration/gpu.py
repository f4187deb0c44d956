"""Whether this machine has a GPU, told without loading torch, and what to say where a scale wants one."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["fallback"]

DEVICES = ("nvidia[0-9]*", "kfd")


def fallback(experiments: Iterable[dict[str, Any]], scale: str, devices: Path = Path("/dev")) -> str:
    """A warning where the merged settings of `experiments` ask for a GPU and `devices` lists none, else nothing."""
    wanted = any(settings["job"]["gpus"] for settings in experiments)
    there = any(True for pattern in DEVICES for _ in devices.glob(pattern))
    if there or not wanted:
        return ""
    return f"Warning: scale {scale} wants a GPU and this machine has none; what runs here runs on the CPU, slowly."
