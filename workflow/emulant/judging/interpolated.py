"""What training samples under several conditions say of the condition at which a model is judged.

A model that interpolates between conditions has f = sum_k w_k f_k of what it measured under each, so the error of its
training sample is that of sum_k w_k f_k, where f_k is the observable of the samples under condition k alone. Of the mixed
samples a variance would have the differences between conditions in it.
"""

import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from emulant.contracts.form import Ensemble
from emulant.contracts.interpolation import TRAINING_WEIGHTS, WEIGHT
from emulant.contracts.observable import Observable
from emulant.contracts.source import TRAINING, Source
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.judging.gather import gather
from emulant.judging.measure import Measurement
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error

__all__ = ["interpolated_sources", "measure_interpolated"]


def interpolated_sources(ensembles: Mapping[Source, Ensemble]) -> dict[Source, Source]:
    """Return for each model that interpolates the source of its training sample: `training`, the model as variant."""
    if TRAINING not in ensembles or ensembles[TRAINING].averages is not None:
        return {}
    return {
        source: Source(TRAINING.model, source.name)
        for source, ensemble in ensembles.items()
        if TRAINING_WEIGHTS in ensemble.attributes
    }


def measure_interpolated(
    training: Ensemble, model: Ensemble, system: System, observables: Sequence[Observable]
) -> Measurement:
    """Measure observables of the training samples, interpolated as a model does.

    Arguments:
        training: open, with the conditions as columns.
        model: an ensemble of the model, whose attributes have its weights.
        system: shows samples to the observables.
        observables: to be measured.

    Raises:
        InputError: where no sample is under one of the conditions.
    """
    weights = {k: np.asarray(v) for k, v in json.loads(model.attributes[TRAINING_WEIGHTS]).items()}
    share = weights.pop(WEIGHT)
    node = _nearest(training, weights)
    counts = np.bincount(node, minlength=len(share))
    if not counts.all():
        raise InputError(
            training.path, "conditions", f"samples under all {len(share)} of {model.path}", "none"
        )
    block, blocks = _blocks(node, training.chain, len(share))
    gathered = gather(training, system, observables, block=block)
    parts = [gathered.sums.part(slice(k * blocks, (k + 1) * blocks)) for k in range(len(share))]
    rows, samples, shape = [], {}, training.site_shape
    effective = 1 / np.sum(share**2 / counts)
    for observable in observables:
        columns, indices = gathered.columns[observable.name], observable.indices(shape)
        value, replicas = _combined(
            share, parts, lambda m, o=observable, c=columns: o.value(m[..., c], shape)
        )
        samples[observable.name] = (indices, replicas)
        rows += zip([observable.name] * len(indices), indices, value, jackknife_error(replicas), strict=True)
    table = pd.DataFrame(rows, columns=["observable", "index", "value", "error"])
    return Measurement(table.assign(tau_int=0.5, samples=effective), samples)


def _nearest(training: Ensemble, conditions: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return which of the conditions each sample is under, (N,): values in files may be rounded."""
    distance = 0.0
    for name, values in conditions.items():
        if name not in training.facts:
            raise InputError(training.path, name, "a column, as a model interpolates in it", "no such column")
        distance = distance + np.square((training.facts[name][:][:, None] - values) / np.ptp(values))
    return np.argmin(distance, axis=1)


def _blocks(node: np.ndarray, chain: np.ndarray | None, nodes: int) -> tuple[np.ndarray, int]:
    """Return the block of each sample (N,), those under one condition after another, and how many each has, all alike."""
    members = [np.flatnonzero(node == k) for k in range(nodes)]
    parts = [assign_blocks(len(rows), None if chain is None else chain[rows]) for rows in members]
    fewest = min(int(part.max()) + 1 for part in parts)
    block = np.empty(len(node), int)
    for k, (rows, part) in enumerate(zip(members, parts, strict=True)):
        block[rows] = k * fewest + part * fewest // (part.max() + 1)
    return block, fewest


def _combined(
    share: np.ndarray, parts: Sequence[BlockSums], function: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return sum_k w_k f_k, (indices,), and its jackknife samples (blocks, indices).

    Conditions are independent, so that the same block may be left out of all of them at once: covariance and bias are
    those of the sum.
    """
    value, replicas = 0.0, 0.0
    for weight, sums in zip(share, parts, strict=True):
        of_node = jackknife(sums, function)
        value, replicas = value + weight * of_node[0], replicas + weight * of_node[1]
    return value, replicas
