"""A fresh model tries to sample before it is trained: what it returns must be what generation needs."""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from emulant.contracts.declaration import FAMILIES, declaration_of, declared_family
from emulant.contracts.family import Family, HasLogLikelihood, Samples
from emulant.contracts.system import HasPairs, System
from emulant.errors import InputError
from emulant.stages.arrays import array_of, arrays_of
from emulant.stages.held_out import condition_of
from emulant.stages.likelihoods import weight_columns
from emulant.storage.pairs import Pairs

__all__ = ["check_count", "check_model", "first_pairs"]

COUNT = 4
"""Samples that are tried: a shape with as many sites is rare, and of whole events they take a fraction of a second."""


def check_model(model: Family, data: Any, system: System) -> None:
    """Let a copy of an untrained model generate a few samples in the fewest steps that its family declares.

    The job's random numbers and the model stay as they are.

    Arguments:
        model: as built.
        data: that it was built on: pairs lend their inputs.
        system: of the data.

    Raises:
        InputError: where number, type or shape of the samples are not those of the system, or log q or a work is told by a
            family that declares no likelihood, or the other way round.
    """
    device = next(iter(model.network.state_dict().values()), torch.empty(0)).device
    tried = copy.deepcopy(model)
    tried.settings = _quick(model.settings)
    tried.network.eval()
    pairs = first_pairs(data, COUNT) if isinstance(data, Pairs) else None
    condition = condition_of(model.settings["family"], system, pairs, str(device))
    with torch.random.fork_rng(), torch.no_grad():
        samples = tried.sample(COUNT, torch.Generator(device).manual_seed(0), condition)
    check_count(samples, COUNT, model.settings["name"])
    _check_shape(samples, system, model.settings["name"])
    _check_log_q(model, samples, system)


def check_count(samples: Any, count: int, name: str) -> None:
    """Raise InputError where the model `name` returned no `Samples`, or another number of them than it was asked for."""
    where = (f"model {name}", "sample")
    if not isinstance(samples, Samples):
        raise InputError(*where, "Samples (contracts/family.py)", type(samples).__name__)
    if len(samples.values) != count:
        raise InputError(*where, f"{count} samples, as asked for", len(samples.values))
    for name, values in (("log_q", samples.log_q), ("work", samples.work)):
        if values is not None and tuple(values.shape) != (count,):
            raise InputError(*where, f"{name} of shape ({count},)", tuple(values.shape))


def first_pairs(pairs: Pairs, count: int) -> Pairs:
    """The first `count` training pairs of tensors, and again from the first, as arrays."""
    few = pairs[torch.arange(count) % len(pairs)]
    return Pairs(array_of(few.inputs), array_of(few.outputs), arrays_of(few.conditions))


def _quick(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The model block with the fewest steps: every key of the generation that has a minimum takes it."""
    keys = declared_family(settings["family"])["generation"].items()
    fewest = {key: schema["minimum"] for key, schema in keys if "minimum" in schema}
    return {**settings, "generation": {**settings.get("generation", {}), **fewest}}


def _check_shape(samples: Samples, system: System, name: str) -> None:
    """Raise InputError where tensors of samples have another shape than the system's."""
    site = system.output_shape if isinstance(system, HasPairs) else system.site_shape
    if isinstance(samples.values, Tensor) and tuple(samples.values.shape[1:]) != tuple(site):
        expected = f"samples of shape {(COUNT, *site)}"
        raise InputError(f"model {name}", "sample", expected, tuple(samples.values.shape))


def _check_log_q(model: Family, samples: Samples, system: System) -> None:
    """Raise InputError where a family declares a likelihood and tells none, or tells one that it does not declare."""
    family = model.settings["family"]
    declared, where = declared_family(family)["likelihood"], (declaration_of(FAMILIES, family), "likelihood")
    told = samples.log_q is not None or samples.work is not None
    if told and not declared:
        raise InputError(*where, "true, as `sample` returns log_q or work", "false")
    if declared and not told and not isinstance(model, HasLogLikelihood):
        expected = "false, as `sample` returns neither log_q nor work and there is no log_likelihood"
        raise InputError(*where, expected, "true")
    for column, values in weight_columns(samples, system).items():
        if values.shape != (COUNT,):
            raise InputError(f"system {system.kind}", "action", f"{column} of shape ({COUNT},)", values.shape)
