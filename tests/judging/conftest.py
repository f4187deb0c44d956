"""Ensembles of the free field, drawn exactly, on which the judge is judged."""

from contextlib import ExitStack

import numpy as np
import pandas as pd
import pytest

from emulant.judging.judge import judge
from emulant.judging.measure import measure
from emulant.lattice.free import free_power
from emulant.lattice.system import Phi4
from emulant.observables import applicable
from emulant.storage.ensemble import EnsembleWriter, open_ensemble

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
    """A function (name, fields, columns, attributes) -> path of an ensemble file."""

    def writer(name, fields, *, chain=None, log_weight=None, dtype="float32", **attributes):
        path = tmp_path / f"{name}.h5"
        given = {"chain": chain is not None, "log_weight": log_weight is not None}
        attributes = {**ATTRIBUTES, **attributes}
        with EnsembleWriter(path, fields.shape[1:], attributes=attributes, dtype=dtype, **given) as ensemble:
            ensemble.append(fields, chain=chain, log_weight=log_weight)
        return path

    return writer


@pytest.fixture
def judged():
    """A function (source -> path, system, keywords of `judge`) -> Judgement, all observables measured."""

    def run(paths, system=None, **keywords):
        with ExitStack() as stack:
            ensembles = {name: stack.enter_context(open_ensemble(path)) for name, path in paths.items()}
            shape = ensembles["reference"].site_shape
            physics = system or Phi4(KAPPA, 0.0, shape)
            found = {name: measure(e, physics, applicable(None, physics)) for name, e in ensembles.items()}
            rows = pd.concat([m.rows.assign(source=s) for s, m in found.items()], ignore_index=True)
            samples = {source: measurement.jackknife for source, measurement in found.items()}
            return judge(rows, samples, ensembles, physics, **keywords)

    return run
