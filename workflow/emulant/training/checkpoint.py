"""Checkpoints of a training: safetensors, random state included, stamped with the config they belong to."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from emulant.storage.atomic import atomic_path

__all__ = ["fingerprint", "load_checkpoint", "save_checkpoint"]


def fingerprint(*parts: object) -> str:
    """A digest of everything that must be equal for a checkpoint to be continued."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def save_checkpoint(path: Path, stamp: str, step: int, groups: dict[str, dict[str, Tensor]]) -> None:
    """Write the tensors of each group, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"{group}/{name}": tensor.detach().cpu().clone().contiguous()
        for group, members in groups.items()
        for name, tensor in members.items()
    }
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, metadata={"stamp": stamp, "step": str(step)})


def load_checkpoint(path: Path, stamp: str) -> tuple[int, dict[str, dict[str, Tensor]]] | None:
    """The step and the groups, or None where there is no readable checkpoint of this very config."""
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("stamp") != stamp:
                return None
            groups: dict[str, dict[str, Tensor]] = {}
            for key in file.keys():  # noqa: SIM118, safe_open is no mapping
                group, name = key.split("/", 1)
                groups.setdefault(group, {})[name] = file.get_tensor(key)
            return int(metadata["step"]), groups
    except (SafetensorError, KeyError, ValueError):
        return None


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimizer's state, flat."""
    state = optimizer.state_dict()["state"]
    return {f"{i}.{k}": torch.as_tensor(v) for i, entry in state.items() for k, v in entry.items()}


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Inverse of `optimizer_tensors`."""
    record = optimizer.state_dict()
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        record["state"].setdefault(int(index), {})[name] = value
    optimizer.load_state_dict(record)
