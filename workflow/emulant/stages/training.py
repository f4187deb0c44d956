"""Train a model of any family: read what it needs, check it, run the loop, and keep what generation needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file
from torch import Tensor

from emulant.contracts.family import Conditioned, Examples, HasRounds
from emulant.contracts.system import HasSymmetries, Symmetry, System
from emulant.devices import devices
from emulant.errors import InputError
from emulant.families import build_model
from emulant.forms import open_samples
from emulant.stages.arrays import tensor_of
from emulant.stages.conditions import conditions_in
from emulant.stages.trial import check_model
from emulant.storage.atomic import atomic_path
from emulant.storage.checksums import file_digest
from emulant.storage.pairs import Pairs
from emulant.storage.provenance import provenance
from emulant.storage.records import write_json
from emulant.training.checkpoint import fingerprint
from emulant.training.loop import TrainingSettings, train
from emulant.training.rounds import fit_in_rounds
from emulant.training.start import start_network
from emulant.training.state import CURVE

__all__ = ["Training", "TrainingData", "read_training", "train_model"]


@dataclass(frozen=True)
class TrainingData:
    """What a family learns from.

    Attributes:
        samples: in their form, of tensors where they are arrays; None where the action is enough.
        attributes: provenance: system, parameters and seed.
        file: of the samples, for messages.
    """

    samples: Any
    attributes: Mapping[str, Any]
    file: Path | None


@dataclass(frozen=True)
class Training:
    """A trained model as its files hold it.

    Attributes:
        tensors: everything that `load` needs.
        record: settings, shape of a sample and provenance.
        curve: rows of the training curve.
    """

    tensors: dict[str, Tensor]
    record: dict[str, Any]
    curve: list[dict[str, float]]

    @property
    def examples(self) -> float:
        """Examples that the training took: none where the weights of another model are left as they are."""
        return self.curve[-1]["examples"] if self.curve else 0

    def write(self, weights: Path, model: Path, curve: Path) -> None:
        """Write weights (safetensors), record (JSON) and curve (CSV)."""
        with atomic_path(weights) as temporary:
            save_file(self.tensors, temporary)
        write_json(model, self.record)
        with atomic_path(curve) as temporary:
            pd.DataFrame(self.curve, columns=CURVE).to_csv(temporary, index=False)


def read_training(files: Sequence[Path], system: System, settings: Mapping[str, Any]) -> TrainingData:
    """Read the training ensemble of a system, the only one of `files`; without files the action is all there is.

    Raises:
        InputError: where all samples are the same, samples have weights, or the model is to learn forces from samples that
            are not exp(-S).
    """
    if not files:
        attributes = {"system": system.kind, "parameters": system.parameters, "seed": None}
        return TrainingData(None, attributes, None)
    (file,) = files
    with open_samples(file, system) as ensemble:
        if ensemble.log_weight is not None:
            expected = (
                "samples that count alike, as no family takes weights (keep each with probability w / max w)"
            )
            raise InputError(file, "log_weight", expected, "weights that differ")
        attributes, samples = ensemble.attributes, _tensors(ensemble.read())
        conditions = {name: tensor_of(values) for name, values in conditions_in(ensemble, system).items()}
    _check_finite(file, samples)
    if isinstance(samples, Tensor) and not _deviation(samples) > 0:
        raise InputError(file, "configurations", "configurations that differ", "zero variance")
    if settings.get("target") == "forces" and not attributes.get("equilibrated", True):
        where = f"{settings['name']}.target"
        raise InputError(file, where, "fields", "forces, in an ensemble that is not exp(-S)")
    if isinstance(samples, Tensor) and conditions:
        samples = Conditioned(samples, conditions)
    return TrainingData(samples, attributes, file)


def train_model(
    data: TrainingData,
    system: System,
    settings: dict[str, Any],
    *,
    seed: int,
    code: str,
    checkpoint: Path,
    start: Sequence[Path] = (),
) -> Training:
    """Train as a model block says; goes on from `checkpoint` if it belongs to this very job.

    Arguments:
        data: what `read_training` returns.
        system: that was sampled.
        settings: the model block.
        seed: of the network's first weights, batches and noise.
        code: digest of the sources.
        checkpoint: file that a killed job goes on from.
        start: file of a trained model of the same family with whose weights to begin, if any.
    """
    torch.manual_seed(seed)
    places = devices()
    device = places[0].split(":")[0]
    model = build_model(settings, data.samples, system)
    for weights in start:
        start_network(model.network, weights)
    check_model(model, data.samples, system)
    examples = model.examples(data.samples, seed)
    begun = [file_digest(weights) for weights in start]
    origin = (data.attributes["parameters"], data.attributes["seed"], _shapes(examples.rows), begun)
    job = {
        "seed": seed,
        "checkpoint": checkpoint,
        "stamp": fingerprint(settings, seed, code, *origin, device),
        "progress": f"train {settings['name']}",
    }
    if isinstance(model, HasRounds):
        averaged, curve = fit_in_rounds(model.place(places[0]), device=places[0], **job)
    else:
        symmetries = symmetries_of(system, data.samples, examples)
        numbers = TrainingSettings(**settings["training"])
        averaged, curve = train(model, examples, numbers, symmetries=symmetries, devices=places, **job)
    tensors = model.finished(averaged, examples, torch.Generator(device).manual_seed(seed))
    attributes = provenance(
        system=data.attributes["system"],
        parameters=data.attributes["parameters"],
        sampler=settings["name"],
        seed=seed,
        device=device,
    )
    record = {"settings": settings, "site_shape": list(model.site_shape), "provenance": attributes}
    return Training(tensors, record, curve)


def symmetries_of(system: System, samples: Any, examples: Examples) -> Sequence[Symmetry]:
    """Maps that the system declares, where a model learns the samples as they are: of rows of its own it knows none."""
    if isinstance(system, HasSymmetries) and examples.rows is not None and examples.rows is samples:
        return system.symmetries
    return ()


def _tensors(samples: Any) -> Any:
    """Tensors of arrays, alone or in pairs; other forms as they are."""
    if isinstance(samples, Pairs):
        conditions = {name: tensor_of(values) for name, values in samples.conditions.items()}
        return Pairs(tensor_of(samples.inputs), tensor_of(samples.outputs), conditions)
    return tensor_of(samples) if isinstance(samples, np.ndarray) else samples


def _check_finite(file: Path, samples: Any) -> None:
    """Raise InputError where a number is not finite in the precision of networks."""
    named = {"configurations": samples} if isinstance(samples, Tensor) else {}
    if isinstance(samples, Pairs):
        named = {"inputs": samples.inputs, "outputs": samples.outputs, **samples.conditions}
    for name, values in named.items():
        if not values.isfinite().all():
            raise InputError(file, name, f"finite numbers of {torch.get_default_dtype()}", "others")


def _deviation(samples: Tensor) -> float:
    """Standard deviation over all numbers of all samples."""
    numbers = samples if samples.is_floating_point() or samples.is_complex() else samples.float()
    return float(numbers.std())


def _shapes(rows: Tensor | tuple[Tensor, ...] | None) -> list[list[int]]:
    """Shapes of all rows of examples."""
    if rows is None:
        return []
    return [list(part.shape) for part in (rows if isinstance(rows, tuple) else (rows,))]
