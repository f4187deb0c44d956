"""Generate an ensemble from a trained model, in batches over the devices of a job.

Beside the samples the file keeps what is known of each, and of fields the cumulants on their way from the noise.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from tqdm import tqdm

from emulant.contracts.declaration import declared_family
from emulant.contracts.family import Family, HasForwardPath, HasVariants, Samples
from emulant.contracts.form import Form
from emulant.contracts.interpolation import TRAINING_WEIGHTS, Interpolates
from emulant.contracts.source import Source
from emulant.contracts.system import System
from emulant.devices import devices, in_order
from emulant.errors import InputError
from emulant.families import load_model
from emulant.forms import form_of
from emulant.stages.arrays import array_of, arrays_of
from emulant.stages.held_out import beside_inputs, condition_of, pairs_in_turn
from emulant.stages.likelihoods import batch_generator, weight_columns
from emulant.stages.trajectory import cumulants_on_the_way
from emulant.stages.trial import check_count
from emulant.statistics.cumulants import site_moments
from emulant.storage.pairs import INPUTS, Pairs
from emulant.storage.provenance import provenance
from emulant.storage.records import read_json

__all__ = ["Generation"]

WATCHED = 65536
"""Samples whose way from the noise is watched: errors of κ₈ of some per cent, and little memory."""


@dataclass(frozen=True)
class Batch:
    """A batch of generated samples.

    Attributes:
        samples: what the model returned.
        on_the_way: noise level and moments (n, ORDER) of fields that were watched, in the order of the solver.
    """

    samples: Samples
    on_the_way: list[tuple[float, np.ndarray]]


@dataclass
class Generation:
    """An ensemble that a trained model makes.

    Arguments:
        folder: of weights and record.
        system: whose values the conditions have, and whose action weighs samples with a known log q.
        seed: of the job.
        variant: what the family leaves out, if anything.
        held_out: pairs whose inputs the model is shown, one after another and again from the first; None for other forms.

    Attributes:
        moments: of fields by the noise level on their way, filled while batches are made.
    """

    folder: Path
    system: System
    seed: int
    variant: str = ""
    held_out: Pairs | None = None
    moments: dict[float, list[np.ndarray]] = field(default_factory=dict)

    @cached_property
    def copies(self) -> list[tuple[Family, str]]:
        """The model on each device of the job, whose number changes nothing."""
        return [(load_model(self.folder, self.system).place(device), device) for device in devices()]

    @property
    def model(self) -> Family:
        """The model on the first device."""
        return self.copies[0][0]

    @property
    def device(self) -> str:
        """The kind of the devices."""
        return self.copies[0][1].split(":")[0]

    @property
    def form(self) -> Form:
        """The form of the samples."""
        return form_of(self.system.kind)

    @property
    def source(self) -> Source:
        """Model and variant of the ensemble."""
        settings = self.model.settings
        return Source(settings["name"], self.variant) if self.variant else Source.of(settings)

    @property
    def count(self) -> int:
        """Samples: all of the generation block, of a variant as many whole batches as hold those that are asked for."""
        block = self.model.settings["generation"]
        if not self.variant:
            return block["samples"]
        # Whole batches, which are then the same samples but for what is left out.
        return min(block["samples"], -(-block[self.variant] // block["batch"]) * block["batch"])

    def attributes(self) -> dict[str, Any]:
        """Provenance of the ensemble; weights that a file records are applied by corrections alone."""
        name = self.model.settings["name"]
        sampler = f"{name}_{self.variant}" if self.variant else name
        attributes = provenance(
            system=self.system.kind, parameters={}, sampler=sampler, seed=self.seed, device=self.device
        )
        if declared_family(self.model.settings["family"])["needs"] == "action":
            attributes["learned_from"] = "action"
        attributes |= {} if self.held_out is None else {INPUTS: len(self.held_out)}
        attributes |= {} if self.variant else self._training_weights()
        return attributes | {"parameters": read_json(self.folder / "model.json")["provenance"]["parameters"]}

    def _training_weights(self) -> dict[str, str]:
        """How the model interpolates between the conditions of its training samples, if it does."""
        if not isinstance(self.model, Interpolates):
            return {}
        condition = condition_of(self.model.settings["family"], self.system, None, self.device)
        weights = self.model.training_weights(condition)
        columns = {name: values.tolist() for name, values in weights.items()}
        return {TRAINING_WEIGHTS: json.dumps(columns)} if columns else {}

    def write(self, path: Path) -> None:
        """Generate all samples and write them to `path`."""
        batches = self.batches()
        first = next(batches)
        columns, attributes = weight_columns(first, self.system), self.attributes()
        attributes |= {"weights_applied": False} if "log_weight" in columns else {}
        values, facts = array_of(first.values), arrays_of(first.facts)
        label = {"total": self.count, "desc": f"generate {self.source.name}", "unit": "cfg", "mininterval": 2}
        with (
            self.form.writer(path, attributes, values, columns=tuple(columns), facts=facts) as writer,
            tqdm(**label) as bar,
        ):
            for samples in chain([first], batches):
                values = array_of(samples.values)
                writer.append(values, facts=arrays_of(samples.facts), **weight_columns(samples, self.system))
                bar.update(len(values))

    def batches(self) -> Iterator[Samples]:
        """Generate batches in their order; moments of fields on their way are kept."""
        size = self.model.settings["generation"]["batch"]
        for batch in in_order(self._batch, range(0, self.count, size), self.copies):
            for s, moments in batch.on_the_way:
                self.moments.setdefault(s, []).append(moments)
            yield batch.samples

    def trajectory(self) -> pd.DataFrame:
        """Cumulants of the fields on their way (`cumulants_on_the_way`); empty where the family has no path."""
        return cumulants_on_the_way(self.model, self.moments)

    def _batch(self, first: int, copy: tuple[Family, str]) -> Batch:
        """Generate the batch whose first sample has number `first`; random numbers are those of this number."""
        model, device = copy
        count = min(model.settings["generation"]["batch"], self.count - first)
        generator = batch_generator(device, self.seed, "batch", first)
        pairs = None if self.held_out is None else pairs_in_turn(self.held_out, first, count)
        family, on_the_way = model.settings["family"], []
        condition = condition_of(family, self.system, pairs, device)

        def watch(x: Tensor, s: float) -> None:
            on_the_way.append((s, site_moments(x.double().cpu().numpy())))

        if self.variant:
            samples = _variant_of(model, self.variant, count, generator, condition)
            check_count(samples, count, model.settings["name"])
            return Batch(samples, [])
        watched = isinstance(model, HasForwardPath) and first < WATCHED
        samples = model.sample(count, generator, condition, watch if watched else None)
        check_count(samples, count, model.settings["name"])
        return Batch(samples if pairs is None else beside_inputs(samples, pairs), on_the_way)


def _variant_of(
    model: Family, variant: str, count: int, generator: torch.Generator, condition: Mapping[str, Any]
) -> Samples:
    if not isinstance(model, HasVariants):
        raise InputError(model.settings["name"], "variant", "a family that declares variants", variant)
    return model.sample_variant(variant, count, generator, condition)
