"""The training loop that every family shares."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor
from tqdm import tqdm

from emulant.training.checkpoint import (
    load_checkpoint,
    optimizer_tensors,
    restore_optimizer,
    save_checkpoint,
)
from emulant.training.parallel import sharing, together

__all__ = ["TrainingSettings", "train"]

CURVE = ("step", "examples", "loss", "validation_loss", "learning_rate")


@dataclass(frozen=True)
class TrainingSettings:
    """How long and how carefully; the `training` block of a model.

    Arguments:
        steps: optimizer steps.
        batch: fields per step, over all parts.
        learning_rate: peak rate of Adam; linear warm-up over 50 steps, then a cosine to zero.
        ema: decay of the exponential moving average of the weights, the weights that are kept.
        gradient_clip: largest norm of the gradient.
        validation_fraction: part of the training ensemble that is held out.
        report_every: steps between two rows of the curve.
        checkpoint_every: steps between two checkpoints.
        precision: of Lightning Fabric, such as "32-true" or "bf16-mixed".
        devices: equal parts of a batch, each with random numbers of its own; as many devices share them as there are.
            Fewer devices give the same curve within the rounding of sums.
    """

    steps: int = 1000
    batch: int = 128
    learning_rate: float = 4e-3
    ema: float = 0.995
    gradient_clip: float = 1.0
    validation_fraction: float = 0.05
    report_every: int = 50
    checkpoint_every: int = 200
    precision: str = "32-true"
    devices: int = 1


def train(
    model: Any,
    fields: Tensor,
    settings: TrainingSettings,
    *,
    seed: int,
    checkpoint: Path,
    stamp: str,
    progress: str = "train",
    stop_after: int | None = None,
    devices: Sequence[str] = ("cpu",),
) -> tuple[dict[str, Tensor], list[dict[str, float]]]:
    """Minimise model.loss(batch, generator) over the fields; goes on from `checkpoint` if it carries `stamp`.

    Arguments:
        model: a torch module with `network`, `place(device)`, `loss(fields, generator)` and `noises_per_field`; with
            `on_lattice` False its configurations have no axes to reflect, with `holds_out` False it has no validation.
        fields: training ensemble, (N, *site_shape), or what a family makes of events.
        settings: see `TrainingSettings`.
        seed: of batches, noise and augmentation.
        checkpoint: file to keep the state in.
        stamp: what a checkpoint must carry to be continued.
        progress: label of the progress bar.
        stop_after: leave with a checkpoint after this many steps, as a kill would.
        devices: what the job was given, as torch names them; one process each (`emulant.training.parallel`).

    Returns:
        The averaged weights of the network and the rows of the training curve.
    """
    found = load_checkpoint(checkpoint, stamp)
    task = (model, fields, settings, seed, checkpoint, stamp, found, progress, stop_after)
    return together(_steps, sharing(settings.devices, devices), settings.precision, *task)


def _steps(
    fabric: Fabric,
    model: Any,
    fields: Tensor,
    settings: TrainingSettings,
    seed: int,
    checkpoint: Path,
    stamp: str,
    found: tuple[int, dict[str, dict[str, Tensor]]] | None,
    progress: str,
    stop_after: int | None,
) -> tuple[dict[str, Tensor], list[dict[str, float]]]:
    """The body of `train` in each of its processes; `found` is the checkpoint to go on from."""
    device, first_process = fabric.device, fabric.global_rank == 0
    model = model.place(device)
    optimizer = torch.optim.Adam(model.network.parameters(), lr=settings.learning_rate, betas=(0.9, 0.99))
    alone = model.network
    network, optimizer = fabric.setup(alone, optimizer)
    model.network = network
    averaged = {name: tensor.detach().clone() for name, tensor in _plain(network).items()}
    parts = settings.devices // fabric.world_size
    generators = [
        torch.Generator(device).manual_seed(seed + fabric.global_rank * parts + part) for part in range(parts)
    ]
    holds_out = getattr(model, "holds_out", True)
    held_out = max(1, min(int(len(fields) * settings.validation_fraction), 2048))
    validation, fields = fields[:held_out].to(device), fields[held_out:].to(device)
    curve: list[dict[str, float]] = []
    tally = [0.0, 0]
    own = slice(fabric.global_rank * parts, (fabric.global_rank + 1) * parts)
    first = _restore(found, network, optimizer, averaged, generators, own, curve, tally)

    bar = tqdm(
        range(first, settings.steps),
        initial=first,
        total=settings.steps,
        desc=progress,
        mininterval=2,
        disable=not first_process,
    )
    for step in bar:
        rate = _learning_rate(step, settings)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        count = settings.batch // (model.noises_per_field * settings.devices)
        for generator in generators:
            batch = _drawn(fields, count, generator)
            batch = _augmented(batch, generator) if getattr(model, "on_lattice", True) else batch
            with fabric.no_backward_sync(network, enabled=generator is not generators[-1]):
                with fabric.autocast():
                    loss = model.loss(batch, generator)
                fabric.backward(loss / parts)
            tally[0] += float(loss.detach()) / parts
        fabric.clip_gradients(network, optimizer, max_norm=settings.gradient_clip)
        optimizer.step()
        _average(averaged, network, min(settings.ema, (step + 1) / (step + 10)))
        tally[1] += 1
        done = step + 1
        saved = done % settings.checkpoint_every == 0 or done == stop_after
        reported = done % settings.report_every == 0 or done == settings.steps
        if saved or reported:
            tally[0] = float(fabric.all_reduce(torch.tensor(tally[0], dtype=torch.float64), reduce_op="mean"))
        if reported:
            row = (
                done,
                done * settings.batch,
                tally[0] / tally[1],
                _validate(model, averaged, validation.split(settings.batch)) if holds_out else math.nan,
                rate,
            )
            curve.append(dict(zip(CURVE, row, strict=True)))
            bar.set_postfix(loss=f"{row[2]:.4f}", validation=f"{row[3]:.4f}")
            tally[:] = 0.0, 0
        if saved:
            states = _gathered(fabric, torch.stack([generator.get_state() for generator in generators]))
            if first_process:
                _save(checkpoint, stamp, done, network, optimizer, averaged, states, curve, tally)
        if done == stop_after:
            break
    model.network = alone
    return averaged, curve


def _learning_rate(step: int, settings: TrainingSettings) -> float:
    warm = min(1.0, (step + 1) / 50)
    return settings.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / settings.steps))


def _drawn(fields: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """A random batch."""
    return fields[torch.randint(len(fields), (max(1, count),), generator=generator, device=fields.device)]


def _augmented(batch: Tensor, generator: torch.Generator) -> Tensor:
    """The batch under a random reflection and exchange of axes of the lattice; both leave any action alone."""
    coins = torch.rand(2 * batch.ndim, generator=generator, device=batch.device) < 0.5
    for axis in range(1, batch.ndim):
        if coins[axis]:
            batch = batch.flip(axis)
        if axis > 1 and batch.shape[axis] == batch.shape[1] and coins[batch.ndim + axis]:
            batch = batch.transpose(1, axis)
    return batch.contiguous()


def _gathered(fabric: Fabric, states: Tensor) -> Tensor:
    """Rows of all processes, in their order, on the CPU."""
    if fabric.world_size == 1:
        return states
    own = states.to(fabric.device)
    everyone = [torch.empty_like(own) for _ in range(fabric.world_size)]
    torch.distributed.all_gather(everyone, own)
    return torch.cat(everyone).cpu()


def _plain(network: torch.nn.Module) -> dict[str, Tensor]:
    module = getattr(network, "module", network)
    return dict(module.state_dict())


@torch.no_grad()
def _average(averaged: dict[str, Tensor], network: torch.nn.Module, decay: float) -> None:
    for name, tensor in _plain(network).items():
        averaged[name].lerp_(tensor, 1 - decay)


@torch.no_grad()
def _validate(model: Any, averaged: dict[str, Tensor], validation: Sequence[Tensor]) -> float:
    """Loss of the averaged weights on chunks of held-out examples, always at the same noise."""
    current = {name: tensor.clone() for name, tensor in _plain(model.network).items()}
    generator = torch.Generator(validation[0].device).manual_seed(0)
    _load(model.network, averaged)
    total = sum(len(chunk) * float(model.loss(chunk, generator)) for chunk in validation)
    _load(model.network, current)
    return total / sum(map(len, validation))


def _load(network: torch.nn.Module, state: dict[str, Tensor]) -> None:
    getattr(network, "module", network).load_state_dict(state)


def _save(
    checkpoint: Path,
    stamp: str,
    step: int,
    network: torch.nn.Module,
    optimizer: Any,
    averaged: dict[str, Tensor],
    states: Tensor,
    curve: list[dict[str, float]],
    tally: list[float],
) -> None:
    rows = torch.tensor([[row[key] for key in CURVE] for row in curve], dtype=torch.float64)
    groups: dict[str, Any] = {
        "network": _plain(network),
        "averaged": averaged,
        "optimizer": optimizer_tensors(optimizer),
        "state": {"generators": states, "curve": rows.reshape(-1, len(CURVE))},
    }
    groups["state"]["tally"] = torch.tensor(tally, dtype=torch.float64)
    save_checkpoint(checkpoint, stamp, step, groups)


def _restore(
    found: tuple[int, dict[str, dict[str, Tensor]]] | None,
    network: torch.nn.Module,
    optimizer: Any,
    averaged: dict[str, Tensor],
    generators: list[torch.Generator],
    own: slice,
    curve: list[dict[str, float]],
    tally: list[float],
) -> int:
    if found is None:
        return 0
    step, groups = found
    _load(network, groups["network"])
    for name, tensor in groups["averaged"].items():
        averaged[name].copy_(tensor)
    restore_optimizer(optimizer, groups["optimizer"])
    for generator, state in zip(generators, groups["state"]["generators"][own], strict=True):
        # A copy: torch 2.13 crashes on a state that is a row of another tensor.
        generator.set_state(state.clone())
    rows = ((int(row[0]), int(row[1]), *row[2:]) for row in groups["state"]["curve"].tolist())
    curve.extend(dict(zip(CURVE, row, strict=True)) for row in rows)
    tally[:] = groups["state"]["tally"].tolist()
    return step
