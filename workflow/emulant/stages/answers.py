"""What a trained model of pairs says to inputs that a user has at hand."""

from pathlib import Path

import numpy as np
import torch

from emulant.errors import InputError
from emulant.families import load_model

__all__ = ["answers"]

BATCH = 256
"""Inputs at a time: some hundred MB for densities on 48 x 48 cells."""


def answers(
    folder: str | Path, inputs: np.ndarray, *, seed: int = 0, **conditions: float | np.ndarray
) -> np.ndarray:
    """Return outputs (N, ...) of a model for inputs (N, ...), such as `answers(folder, densities, viscosity=0.15)`.

    Arguments:
        folder: of the model's model.json and weights.safetensors.
        inputs: as those of training.
        seed: of what the model draws.
        conditions: one number, or one for each input, (N,).

    Raises:
        InputError: where inputs are not finite, or conditions are not as many as they.
    """
    inputs = np.asarray(inputs, np.float32)
    if not len(inputs) or not np.isfinite(inputs).all():
        raise InputError("answers", "inputs", "finite numbers of one input or more", inputs.shape)
    numbers = {"inputs": torch.from_numpy(inputs)}
    for name, values in conditions.items():
        if np.shape(values) not in ((), (len(inputs),)):
            raise InputError("answers", name, f"one number, or {len(inputs)}", np.shape(values))
        numbers[name] = torch.as_tensor(np.broadcast_to(values, len(inputs)).astype(np.float32))
    model, generator = load_model(folder), torch.Generator().manual_seed(seed)
    parts = []
    for first in range(0, len(inputs), BATCH):
        part = {name: values[first : first + BATCH] for name, values in numbers.items()}
        parts.append(model.sample(len(part["inputs"]), generator, part).values.cpu().numpy())
    return np.concatenate(parts)
