"""What a training carries from step to step, and keeps in its checkpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from emulant.training.checkpoint import optimizer_tensors, restore_optimizer, save_checkpoint

__all__ = ["CURVE", "Checkpoint", "State", "curve_rows", "curve_tensor"]

CURVE = ("step", "examples", "loss", "validation_loss", "learning_rate")

Checkpoint = tuple[int, dict[str, dict[str, Tensor]]]


@dataclass
class State:
    """A training in one of its processes.

    Attributes:
        network: what is trained.
        wrapped: the network as Fabric wraps it, which shares gradients between processes.
        averaged: exponential moving average of its weights.
        optimizer: of the weights, as Fabric wraps it.
        generators: of the random numbers of each part of a batch that this process has.
        first_part: number of the first of these parts.
        curve: rows of the training curve.
        loss: sum of the losses of the steps since the last row.
        steps: number of these steps.
    """

    network: nn.Module
    wrapped: nn.Module
    averaged: dict[str, Tensor]
    optimizer: Any
    generators: list[torch.Generator]
    first_part: int
    curve: list[dict[str, float]] = field(default_factory=list)
    loss: float = 0.0
    steps: int = 0

    @torch.no_grad()
    def average(self, decay: float) -> None:
        """Move the averaged weights towards those of the network; whole numbers, such as orders, do not change."""
        for name, tensor in self.network.state_dict().items():
            if tensor.is_floating_point():
                self.averaged[name].lerp_(tensor, 1 - decay)

    def report(self, *row: float) -> None:
        """Add a row to the curve and begin a new sum of losses."""
        self.curve.append(dict(zip(CURVE, row, strict=True)))
        self.loss, self.steps = 0.0, 0

    def save(self, fabric: Fabric, path: Path, stamp: str, step: int) -> None:
        """Write a checkpoint from the first process; all of them call this."""
        states = _gathered(fabric, torch.stack([generator.get_state() for generator in self.generators]))
        if fabric.global_rank:
            return
        groups: dict[str, dict[str, Tensor]] = {
            "network": self.network.state_dict(),
            "averaged": self.averaged,
            "optimizer": optimizer_tensors(self.optimizer),
            "state": {
                "generators": states,
                "curve": curve_tensor(self.curve),
                "tally": torch.tensor([self.loss, self.steps], dtype=torch.float64),
            },
        }
        save_checkpoint(path, stamp, step, groups)

    def restore(self, checkpoint: Checkpoint | None) -> int:
        """Go on from a checkpoint, if there is one; returns the steps that are done."""
        if checkpoint is None:
            return 0
        step, groups = checkpoint
        self.network.load_state_dict(groups["network"])
        for name, tensor in groups["averaged"].items():
            self.averaged[name].copy_(tensor)
        restore_optimizer(self.optimizer, groups["optimizer"])
        states = groups["state"]["generators"][self.first_part : self.first_part + len(self.generators)]
        for generator, state in zip(self.generators, states, strict=True):
            # A copy: torch 2.13 crashes on a state that is a row of another tensor.
            generator.set_state(state.clone())
        self.curve.extend(curve_rows(groups["state"]["curve"]))
        loss, steps = groups["state"]["tally"].tolist()
        self.loss, self.steps = loss, int(steps)
        return step


def curve_tensor(curve: Sequence[Mapping[str, float]]) -> Tensor:
    """Pack the rows of a training curve, (rows, columns) float64."""
    rows = [[row[key] for key in CURVE] for row in curve]
    return torch.tensor(rows, dtype=torch.float64).reshape(-1, len(CURVE))


def curve_rows(packed: Tensor) -> list[dict[str, float]]:
    """Unpack the rows of a training curve; steps and examples are whole numbers."""
    rows = ((int(row[0]), int(row[1]), *row[2:]) for row in packed.tolist())
    return [dict(zip(CURVE, row, strict=True)) for row in rows]


def _gathered(fabric: Fabric, states: Tensor) -> Tensor:
    """Rows of all processes, in their order, on the CPU."""
    if fabric.world_size == 1:
        return states
    local = states.to(fabric.device)
    everyone = [torch.empty_like(local) for _ in range(fabric.world_size)]
    torch.distributed.all_gather(everyone, local)
    return torch.cat(everyone).cpu()
