"""Checkpoints of a training: safetensors, random state included, stamped with the config they belong to."""

import hashlib
import json
import sys
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
        metadata = {"stamp": stamp, "step": str(step), "sum": _sum(tensors, stamp, step)}
        save_file(tensors, temporary, metadata=metadata)


def load_checkpoint(path: Path, stamp: str) -> tuple[int, dict[str, dict[str, Tensor]]] | None:
    """The step and the groups, or None where there is no checkpoint of this very config; a damaged one is named."""
    if not path.exists():
        return None
    try:
        metadata, tensors = _read(path)
        if metadata["sum"] != _sum(tensors, metadata["stamp"], int(metadata["step"])):
            raise ValueError("its checksum differs")
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        print(f"{path}: damaged ({error}), starting again", file=sys.stderr)
        return None
    if metadata["stamp"] != stamp:
        return None
    groups: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        group, name = key.split("/", 1)
        groups.setdefault(group, {})[name] = tensor
    return int(metadata["step"]), groups


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    with safe_open(path, framework="pt") as file:
        names = file.keys()
        return file.metadata() or {}, {name: file.get_tensor(name) for name in names}


def _sum(tensors: dict[str, Tensor], stamp: str, step: int) -> str:
    """SHA-256 of everything in a checkpoint; safetensors itself would not notice a changed byte."""
    running = hashlib.sha256(f"{stamp} {step}".encode())
    for key in sorted(tensors):
        running.update(f"{key} {tensors[key].dtype} {tuple(tensors[key].shape)}".encode())
        running.update(tensors[key].reshape(-1).view(torch.uint8).numpy())
    return running.hexdigest()


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
