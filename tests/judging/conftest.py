"""Ensembles of the free field, drawn exactly, on which the judge is judged."""

from contextlib import ExitStack

import numpy as np
import pandas as pd
import pytest

from emulant.contracts.source import REFERENCE, TRAINING, Source
from emulant.judging.interpolated import interpolated_sources, measure_interpolated
from emulant.judging.judge import judge
from emulant.judging.measure import measure
from emulant.lattice.free import free_power
from emulant.storage.ensemble import EnsembleWriter, open_ensemble
from emulant.systems import measured_observables
from emulant.systems.phi4.system import Phi4

KAPPA = 0.2
ATTRIBUTES = {"system": "phi4", "parameters": "{}", "sampler": "exact"}


@pytest.fixture
def free_fields():
    """A function (generator, count, length, kappa, amplitude) -> free fields (count, length, length)."""

    def draw(rng, count, length=8, kappa=KAPPA, amplitude=1.0):
        scale = np.sqrt(free_power(kappa, (length, length))) * amplitude
        return np.fft.ifft2(np.fft.fft2(rng.normal(size=(count, length, length))) * scale).real

    return draw


@pytest.fixture
def write(tmp_path):
    """A function (name, fields, columns, facts, attributes) -> path of an ensemble file."""

    def writer(name, fields, *, chain=None, log_weight=None, facts=None, dtype="float32", **attributes):
        path = tmp_path / f"{name}.h5"
        columns = {"chain": chain is not None, "log_weight": log_weight is not None}
        columns["facts"] = dict.fromkeys(facts or {}, ("float64", ()))
        attributes = {**ATTRIBUTES, **attributes}
        with EnsembleWriter(
            path, fields.shape[1:], attributes=attributes, dtype=dtype, **columns
        ) as ensemble:
            ensemble.append(fields, chain=chain, log_weight=log_weight, facts=facts)
        return path

    return writer


@pytest.fixture
def judged():
    """A function (model or source -> path, system, keywords of `judge`) -> Judgement, all observables measured."""

    def run(paths, system=None, **keywords):
        with ExitStack() as stack:
            sources = {Source(key) if isinstance(key, str) else key: path for key, path in paths.items()}
            ensembles = {source: stack.enter_context(open_ensemble(path)) for source, path in sources.items()}
            physics = system or Phi4(KAPPA, 0.0, ensembles[REFERENCE].site_shape)
            names = measured_observables(None, physics.kind)
            measured = {source: measure(e, physics, names) for source, e in ensembles.items()}
            for source, sample in interpolated_sources(ensembles).items():
                measured[sample] = measure_interpolated(
                    ensembles[TRAINING], ensembles[source], physics, names
                )
            tables = [m.rows.assign(experiment="free", **s._asdict()) for s, m in measured.items()]
            samples = {source: measurement.jackknife for source, measurement in measured.items()}
            return judge(pd.concat(tables, ignore_index=True), samples, ensembles, physics, **keywords)

    return run
