import numpy as np
import pytest

from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance


@pytest.fixture
def attributes():
    return provenance(system="phi4", parameters={"kappa": 0.2}, sampler="hmc", seed=1)


@pytest.fixture
def write(attributes):
    def write(path, fields, **columns):
        with EnsembleWriter(
            path, fields.shape[1:], attributes=attributes, **dict.fromkeys(columns, True)
        ) as writer:
            writer.append(fields, **columns)
        return path

    return write


@pytest.fixture
def fields():
    return np.random.default_rng(1).normal(size=(600, 8, 8)).astype(np.float32)
