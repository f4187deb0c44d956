"""Held-out pairs, whose inputs a model is shown: it is judged by its outputs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from emulant.contracts.declaration import declared_family
from emulant.contracts.family import Samples
from emulant.contracts.system import System
from emulant.forms import open_samples
from emulant.stages.arrays import array_of, tensor_of
from emulant.storage.pairs import Pairs

__all__ = ["beside_inputs", "condition_of", "conditions_of", "held_out_pairs", "pairs_in_turn"]


def held_out_pairs(files: Sequence[Path], system: System) -> Pairs | None:
    """Read the pairs of a file, the only one if there is any."""
    if not files:
        return None
    (file,) = files
    with open_samples(file, system) as pairs:
        return pairs.read()


def pairs_in_turn(pairs: Pairs, first: int, count: int) -> Pairs:
    """Return the pairs of samples `first` to `first + count`: one after another, and again from the first."""
    return pairs[np.arange(first, first + count) % len(pairs)]


def conditions_of(pairs: Pairs, device: str) -> dict[str, Tensor]:
    """Return the inputs of pairs and their conditions as tensors on `device`."""
    arrays: dict[str, Any] = {"inputs": pairs.inputs} | dict(pairs.conditions)
    return {name: tensor_of(values).to(device) for name, values in arrays.items()}


def condition_of(family: str, system: System, pairs: Pairs | None, device: str) -> dict[str, Any]:
    """Return the system's own values of a family's conditions; of pairs their own, and their inputs."""
    names, parameters = declared_family(family)["conditions"], system.parameters
    condition = {name: parameters[name] for name in names if name in parameters}
    return condition if pairs is None else condition | conditions_of(pairs, device)


def beside_inputs(outputs: Samples, pairs: Pairs) -> Samples:
    """Replace the outputs of pairs by those of a model."""
    return replace(outputs, values=replace(pairs, outputs=array_of(outputs.values)))
