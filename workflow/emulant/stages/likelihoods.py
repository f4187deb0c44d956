"""Log densities of samples under the model that generated them: what the model told, and what is integrated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from emulant.contracts.family import Family, Samples
from emulant.contracts.system import HasAction, System
from emulant.devices import in_order
from emulant.randomness.seeds import job_seed
from emulant.statistics.regression import slope_of
from emulant.statistics.weights import effective_fraction, minus_log_mean

__all__ = ["Likelihoods", "batch_generator", "integrated", "weight_columns"]

BATCH = 64
"""Fields whose likelihood is integrated together; seeds belong to batches, so that another size gives other numbers."""


@dataclass(frozen=True)
class Likelihoods:
    """Action and likelihood of samples.

    Attributes:
        action: S of each, (n,) float64.
        log_q: log density under the model, (n,).
        error: of log q, (n,).
    """

    action: np.ndarray
    log_q: np.ndarray
    error: np.ndarray

    @property
    def log_weight(self) -> np.ndarray:
        """Ln of exp(-S)/q."""
        return -self.action - self.log_q

    @property
    def table(self) -> pd.DataFrame:
        """Columns action, minus_log_q, error."""
        columns = {"action": self.action, "minus_log_q": -self.log_q, "error": self.error}
        return pd.DataFrame(columns)

    def summary(self) -> dict[str, float]:
        """Effective sample size, -ln Z and the slope of -log q on S, with their errors, and how many samples say so."""
        size, size_error = effective_fraction(self.log_weight)
        log_z, log_z_error = minus_log_mean(self.log_weight)
        slope, slope_error = slope_of(self.action, -self.log_q)
        return {
            "ess": size,
            "ess_error": size_error,
            "minus_log_z": log_z,
            "minus_log_z_error": log_z_error,
            "slope": slope,
            "slope_error": slope_error,
            "likelihood_samples": len(self.action),
        }


def weight_columns(samples: Samples, system: System) -> dict[str, np.ndarray]:
    """Compute log_weight of each sample, -S - log q where a model told log q, and minus the work of its path; (n,) float64.

    The column log_q stands beside it where it was told; it is alone without an action.
    """
    if samples.work is not None:
        return {"log_weight": -samples.work.double().cpu().numpy()}
    if samples.log_q is None:
        return {}
    log_q = samples.log_q.double().cpu().numpy()
    if not isinstance(system, HasAction):
        return {"log_q": log_q}
    values = samples.values.double() if samples.values.is_floating_point() else samples.values
    action = system.action(values).double().cpu().numpy()
    return {"log_q": log_q, "log_weight": -action - log_q}


def integrated(
    fields: Tensor, copies: Sequence[tuple[Family, str]], settings: Mapping[str, Any], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Integrate log q of fields (N, *site_shape) along the flow; returns it and its error, (N,) each.

    Arguments:
        fields: on the CPU.
        copies: of one model with their devices, whose number changes nothing.
        settings: likelihood_steps, probes, exact_trace of the block `correction`.
        seed: of the job.
    """
    exact = settings["exact_trace"] or fields[0].numel() == 1

    def likelihood(task: tuple[int, Tensor], copy: tuple[Family, str]) -> tuple[np.ndarray, ...]:
        (number, part), (model, device) = task, copy
        values = model.log_likelihood(
            part.to(device),
            steps=settings["likelihood_steps"],
            probes=None if exact else settings["probes"],
            generator=batch_generator(device, seed, "likelihood", number),
        )
        return tuple(column.cpu().numpy() for column in values)

    parts = in_order(likelihood, enumerate(fields.split(BATCH)), copies)
    log_q, error = (np.concatenate(column) for column in zip(*parts, strict=True))
    return log_q, error


def batch_generator(device: str, seed: int, purpose: str, number: int) -> torch.Generator:
    """Return the random numbers of a batch, which depend on neither its device nor other batches."""
    return torch.Generator(device).manual_seed(job_seed(seed, purpose, str(number)))
