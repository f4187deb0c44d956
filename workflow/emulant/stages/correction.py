"""Make a generated ensemble exact, by Metropolis steps and by importance weights.

Where the model told log q of what it generated (flows, autoregressive models), or the work of the path by which it came
(path samplers, annealing), the ensemble records its weights: they are applied, and the samples are proposals of an
independence Metropolis chain. Where it can integrate
log q of a field (diffusion), this is done for some of them, and Metropolis-adjusted Langevin steps move all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emulant.contracts.family import Family, HasLogLikelihood, HasModeMeasure
from emulant.contracts.form import Ensemble, Form
from emulant.contracts.system import HasAction, HasGradient, System
from emulant.devices import devices, in_order
from emulant.errors import InputError
from emulant.families import load_model
from emulant.forms import form_of
from emulant.randomness.seeds import job_seed
from emulant.stages.arrays import tensor_of
from emulant.stages.likelihoods import Likelihoods, batch_generator, integrated
from emulant.storage.atomic import atomic_path
from emulant.storage.provenance import encoded
from emulant.storage.records import write_json
from emulant.transport.independence import independence_metropolis
from emulant.transport.metropolis import Closure, metropolis_adjusted_langevin

__all__ = ["Correction"]

BATCH = 1024
"""Configurations of one batch of Metropolis steps; seeds belong to batches, so that another size gives other numbers."""

RECORDED = 4096
"""Rows of the table of likelihoods at most, where every sample has one: points of a scatter plot, enough for its shape."""


@dataclass
class Correction:
    """The corrections of one ensemble.

    Arguments:
        folder: of the model's weights and record.
        raw: the open ensemble that the model generated.
        system: whose exp(-S) is the target.
        settings: the block `correction`.
        seed: of the job.

    Raises:
        InputError: where the system has no action, or one of another lattice than the model's.
    """

    folder: Path
    raw: Ensemble
    system: System
    settings: Mapping[str, Any]
    seed: int

    def __post_init__(self) -> None:
        if not isinstance(self.system, HasAction):
            raise InputError("experiment", "corrected", "false, without an action", self.system.kind)
        self.copies = [(load_model(self.folder).place(device), device) for device in devices()]
        self.model, first = self.copies[0]
        self.device = first.split(":")[0]
        if tuple(self.model.site_shape) != tuple(self.system.site_shape):
            expected = f"lattice shape {tuple(self.system.site_shape)}"
            got = tuple(self.model.site_shape)
            raise InputError(self.folder / "model.json", "site_shape", expected, got)

    @property
    def form(self) -> Form:
        """The form of the samples."""
        return form_of(self.system.kind)

    def write(self, metropolis: Path, weighted: Path, likelihood: Path, record: Path) -> None:
        """Write both corrected ensembles, the likelihoods (CSV), and what the corrections say of the model (JSON).

        Raises:
            InputError: where neither the ensemble records weights nor the model knows a likelihood.
        """
        if self.raw.recorded_log_weight is not None:
            likelihoods, summary = self._apply_recorded(metropolis, weighted)
        elif self._integrable():
            likelihoods, summary = self._integrate(metropolis, weighted)
        else:
            name = self.model.settings["name"]
            raise InputError(f"model {name}", "corrected", "false, without a likelihood", "true")
        with atomic_path(likelihood) as temporary:
            likelihoods.table[:RECORDED].to_csv(temporary, index=False)
        write_json(record, likelihoods.summary() | summary)

    def _integrable(self) -> bool:
        """Whether log q can be integrated, and Langevin steps be made."""
        model = isinstance(self.model, HasLogLikelihood) and isinstance(self.model, HasModeMeasure)
        return model and isinstance(self.system, HasGradient)

    def _apply_recorded(self, metropolis: Path, weighted: Path) -> tuple[Likelihoods, dict[str, Any]]:
        """Apply the weights of the file, and run an independence Metropolis chain over its samples."""
        log_weight, log_q = self.raw.recorded_log_weight, self._recorded_log_q()
        relative = log_weight - log_weight.max()
        generator = np.random.default_rng(job_seed(self.seed, "independence"))
        chain = independence_metropolis(log_weight, generator)
        like = self.raw.read(0, 1)
        with self.form.writer(weighted, self._attributes("weighted"), like, columns=["log_weight"]) as writer:
            for rows in _ranges(len(self.raw)):
                writer.append(self.raw.read(rows.start, rows.stop), log_weight=relative[rows])
        with self.form.writer(metropolis, self._attributes("metropolis"), like, columns=["chain"]) as writer:
            for rows in _ranges(len(self.raw)):
                samples = _rows_of(self.raw, chain.index[rows])
                writer.append(samples, chain=np.zeros(len(samples), np.int32))
        likelihoods = Likelihoods(-log_weight - log_q, log_q, np.zeros(len(log_q)))
        summary = {"acceptance": chain.acceptance, "metropolis_steps": 1}
        return likelihoods, summary

    def _recorded_log_q(self) -> np.ndarray:
        """Log q of each sample; of a path sampler -S - ln w, which is log q up to what its path lost."""
        if self.raw.log_q is not None:
            return self.raw.log_q
        actions = [np.asarray(self.system.action(part), np.float64) for part in self.raw.chunks(BATCH)]
        return -np.concatenate(actions) - self.raw.recorded_log_weight

    def _integrate(self, metropolis: Path, weighted: Path) -> tuple[Likelihoods, dict[str, Any]]:
        """Move all fields by Metropolis steps, and weigh those whose log q is integrated."""
        acceptance, steps = [], self.settings["metropolis_steps"]
        like = self.raw.read(0, 1)
        with self.form.writer(metropolis, self._attributes("metropolis"), like) as writer:
            for closure in self._closures(steps):
                acceptance.append(closure.acceptance)
                writer.append(closure.fields.cpu().numpy())
        fields = tensor_of(self.raw.read(0, self.settings["likelihood_samples"]))
        log_q, error = integrated(fields, self.copies, self.settings, self.seed)
        likelihoods = Likelihoods(self.system.action(fields).double().numpy(), log_q, error)
        log_weight = likelihoods.log_weight
        with self.form.writer(weighted, self._attributes("weighted"), like, columns=["log_weight"]) as writer:
            writer.append(fields.numpy(), log_weight=log_weight - log_weight.max())
        exact = bool(self.settings["exact_trace"])
        summary = {"acceptance": float(np.mean(acceptance)), "metropolis_steps": steps, "exact_trace": exact}
        return likelihoods, summary

    def _closures(self, steps: int) -> Iterator[Closure]:
        """Metropolis steps of each batch, by copies of one model with their devices, whose number changes nothing."""

        def closure(task: tuple[int, np.ndarray], copy: tuple[Family, str]) -> Closure:
            (number, part), (model, device) = task, copy
            return metropolis_adjusted_langevin(
                tensor_of(part).to(device),
                self.system.action,
                self.system.gradient,
                model.measure,
                steps=steps,
                generator=batch_generator(device, self.seed, "metropolis", number),
            )

        yield from in_order(closure, enumerate(self.raw.chunks(BATCH)), self.copies)

    def _attributes(self, variant: str) -> dict[str, Any]:
        """Provenance: that of the raw ensemble, with this seed and another sampler."""
        sampler = f"{self.model.settings['name']}_{variant}"
        attributes = encoded(self.raw.attributes) | {"seed": self.seed, "sampler": sampler}
        return {key: value for key, value in attributes.items() if key != "weights_applied"}


def _ranges(count: int) -> Iterator[slice]:
    """Ranges of rows that are in memory together."""
    for start in range(0, count, BATCH):
        yield slice(start, min(start + BATCH, count))


def _rows_of(ensemble: Ensemble, index: np.ndarray) -> Any:
    """Samples of row numbers (n,) that never fall."""
    part = ensemble.read(int(index[0]), int(index[-1]) + 1)
    return part[index - index[0]]
