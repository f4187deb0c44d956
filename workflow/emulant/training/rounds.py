"""Training in rounds: a family that fits itself, a checkpoint after each round."""

import math
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor
from tqdm import tqdm

from emulant.contracts.family import Family, HasRounds
from emulant.randomness.seeds import job_seed
from emulant.training.checkpoint import load_checkpoint, save_checkpoint
from emulant.training.state import CURVE, curve_rows, curve_tensor

__all__ = ["Fitted", "fit_in_rounds"]


class Fitted(Family, HasRounds, Protocol):
    """A model that is fitted in rounds."""


def fit_in_rounds(
    model: Fitted,
    *,
    seed: int,
    checkpoint: Path,
    stamp: str,
    device: str = "cpu",
    progress: str = "fit",
    stop_after: int | None = None,
) -> tuple[dict[str, Tensor], list[dict[str, float]]]:
    """Fit all rounds of a model; goes on from `checkpoint` if it carries `stamp`.

    Arguments:
        model: that has rounds and a network.
        seed: of the random numbers of each round, which depend on no other round.
        checkpoint: file to keep the state in.
        stamp: what a checkpoint must carry to be continued.
        device: where the model is.
        progress: label of the progress bar.
        stop_after: leave with a checkpoint after this many rounds, as a kill would.

    Returns:
        The weights of the network and the rows of the training curve, one a round; there is no validation.
    """
    curve, carried = _restored(model, checkpoint, stamp)
    last = model.rounds if stop_after is None else min(stop_after, model.rounds)
    label = {"initial": len(curve), "total": model.rounds, "desc": progress, "unit": "round"}
    for number in tqdm(range(len(curve), last), **label):
        generator = torch.Generator(device).manual_seed(job_seed(seed, "round", str(number)))
        report = model.fit_round(number, generator, carried)
        examples = report["examples"] + (curve[-1]["examples"] if curve else 0)
        row = (number + 1, examples, report["loss"], math.nan, math.nan)
        curve.append(dict(zip(CURVE, row, strict=True)))
        groups = {
            "network": model.network.state_dict(),
            "state": {"curve": curve_tensor(curve)},
            "carried": carried,
        }
        save_checkpoint(checkpoint, stamp, number + 1, groups)
    return {name: tensor.detach().clone() for name, tensor in model.network.state_dict().items()}, curve


def _restored(
    model: Fitted, checkpoint: Path, stamp: str
) -> tuple[list[dict[str, float]], dict[str, Tensor]]:
    """Load the weights of a checkpoint, if there is one; returns the rows of its curve and what rounds leave."""
    begun = load_checkpoint(checkpoint, stamp)
    if begun is None:
        return [], {}
    _, groups = begun
    model.network.load_state_dict(groups["network"])
    return curve_rows(groups["state"]["curve"]), groups.get("carried", {})
