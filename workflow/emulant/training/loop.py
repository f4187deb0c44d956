"""The training loop that every family shares."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor
from tqdm import tqdm

from emulant.contracts.family import Examples, Family
from emulant.contracts.system import Symmetry
from emulant.training.batches import Batches
from emulant.training.checkpoint import load_checkpoint
from emulant.training.parallel import sharing, together
from emulant.training.settings import TrainingSettings
from emulant.training.state import Checkpoint, State

__all__ = ["TrainingSettings", "train"]


@dataclass(frozen=True)
class Task:
    """A training as each of its processes gets it; the fields are arguments of `train`.

    Attributes:
        begun: the checkpoint to go on from, if there is one.
    """

    model: Family
    examples: Examples
    settings: TrainingSettings
    symmetries: Sequence[Symmetry]
    seed: int
    checkpoint: Path
    stamp: str
    begun: Checkpoint | None
    progress: str
    stop_after: int | None


def train(
    model: Family,
    examples: Examples,
    settings: TrainingSettings,
    *,
    seed: int,
    checkpoint: Path,
    stamp: str,
    symmetries: Sequence[Symmetry] = (),
    progress: str = "train",
    stop_after: int | None = None,
    devices: Sequence[str] = ("cpu",),
) -> tuple[dict[str, Tensor], list[dict[str, float]]]:
    """Minimise model.loss(batch, generator) over the examples; goes on from `checkpoint` if it carries `stamp`.

    Arguments:
        model: of any family.
        examples: what it makes of the training ensemble.
        settings: see `TrainingSettings`.
        seed: of batches, noise and symmetries.
        checkpoint: file to keep the state in.
        stamp: what a checkpoint must carry to be continued.
        symmetries: maps (batch, generator) -> batch that leave the law of the examples alone; they move every batch.
        progress: label of the progress bar.
        stop_after: leave with a checkpoint after this many steps, as a kill would.
        devices: what the job was given, as torch names them; one process each (`emulant.training.parallel`).

    Returns:
        The averaged weights of the network and the rows of the training curve.
    """
    begun = load_checkpoint(checkpoint, stamp)
    symmetries = tuple(symmetries)
    task = Task(model, examples, settings, symmetries, seed, checkpoint, stamp, begun, progress, stop_after)
    return together(_run, sharing(settings.devices, devices), settings.precision, task)


def _run(fabric: Fabric, task: Task) -> tuple[dict[str, Tensor], list[dict[str, float]]]:
    """Train in one process; all of them end with the same weights."""
    settings, model = task.settings, task.model.place(fabric.device)
    state = _begun(fabric, task, model)
    model.network = state.wrapped
    batches = Batches(task.examples, settings.validation_fraction, task.symmetries, fabric.device)
    first = state.restore(task.begun)
    bar = _bar(task, first, hidden=fabric.global_rank != 0)
    for step in bar:
        _step(fabric, task, batches, state, step)
        done = step + 1
        saves = done % settings.checkpoint_every == 0 or done == task.stop_after
        if saves or settings.reports(done):
            loss = torch.tensor(state.loss, dtype=torch.float64)
            state.loss = float(fabric.all_reduce(loss, reduce_op="mean"))
        if settings.reports(done):
            _report(task, batches, state, done)
            bar.set_postfix(_losses(state.curve[-1]))
        if saves:
            state.save(fabric, task.checkpoint, task.stamp, done)
        if done == task.stop_after:
            break
    model.network = state.network
    return state.averaged, state.curve


def _begun(fabric: Fabric, task: Task, model: Family) -> State:
    """The state before the first step."""
    rate, parts = task.settings.learning_rate, task.settings.devices // fabric.world_size
    optimizer = torch.optim.Adam(model.network.parameters(), lr=rate, betas=(0.9, 0.99))
    network = model.network
    wrapped, optimizer = fabric.setup(network, optimizer)
    averaged = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
    first = fabric.global_rank * parts
    seeds = range(task.seed + first, task.seed + first + parts)
    generators = [torch.Generator(fabric.device).manual_seed(seed) for seed in seeds]
    return State(network, wrapped, averaged, optimizer, generators, first)


def _bar(task: Task, first: int, *, hidden: bool) -> Any:
    steps = task.settings.steps
    options = {"initial": first, "total": steps, "desc": task.progress, "mininterval": 2, "disable": hidden}
    return tqdm(range(first, steps), **options)


def _step(fabric: Fabric, task: Task, batches: Batches, state: State, step: int) -> None:
    """One step of the optimizer, over all parts of a batch that this process has."""
    settings, parts = task.settings, len(state.generators)
    for group in state.optimizer.param_groups:
        group["lr"] = settings.rate(step)
    state.optimizer.zero_grad()
    count = settings.batch // (task.examples.copies * settings.devices)
    for generator in state.generators:
        batch = batches.drawn(count, generator)
        more = generator is not state.generators[-1]
        with fabric.no_backward_sync(state.wrapped, enabled=more):
            with fabric.autocast():
                loss = task.model.loss(batch, generator)
            fabric.backward(loss / parts)
        state.loss += float(loss.detach()) / parts
    fabric.clip_gradients(state.wrapped, state.optimizer, max_norm=settings.gradient_clip)
    state.optimizer.step()
    state.average(settings.decay(step))
    state.steps += 1


def _report(task: Task, batches: Batches, state: State, done: int) -> None:
    """Add a row to the curve."""
    settings = task.settings
    validation = _validation_loss(task.model, state, batches.validation(settings.batch))
    examples = done * settings.batch
    state.report(done, examples, state.loss / state.steps, validation, settings.rate(done - 1))


def _losses(row: Mapping[str, float]) -> dict[str, str]:
    """What the progress shows of a row of the curve: there is no validation without held-out examples."""
    losses = {key: row[key] for key in ("loss", "validation_loss")}
    return {key: f"{loss:.4f}" for key, loss in losses.items() if key == "loss" or not math.isnan(loss)}


@torch.no_grad()
def _validation_loss(model: Family, state: State, chunks: Sequence[Any]) -> float:
    """Loss of the averaged weights on chunks of held-out examples, always at the same noise; NaN without any."""
    if not chunks:
        return math.nan
    network = state.network
    current = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    sizes = [len(chunk[0] if isinstance(chunk, tuple) else chunk) for chunk in chunks]
    device = next(iter(current.values())).device
    generator = torch.Generator(device).manual_seed(0)
    network.load_state_dict(state.averaged)
    losses = (float(model.loss(chunk, generator)) for chunk in chunks)
    total = sum(size * loss for size, loss in zip(sizes, losses, strict=True))
    network.load_state_dict(current)
    return total / sum(sizes)
