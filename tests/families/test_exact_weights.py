"""The study of weights of a discrete flow: both sides agree for a right model, and a wrong determinant is told."""

import numpy as np
import pytest

from emulant.contracts.study import StudyInputs
from emulant.families._weights import study_exact_weights
from emulant.storage.ensemble import EnsembleWriter
from emulant.systems.phi4.system import Phi4
from tests.families.chains import exact_chain_fields, transfer_matrix_log_z
from tests.families.test_coupling_flow import trained

CHAIN = (0.4, 0.3, (8,))
COUNT = 1024


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Independent fields of the chain."""
    path = tmp_path_factory.mktemp("reference") / "reference.h5"
    fields = exact_chain_fields(*CHAIN[:2], 8, COUNT, seed=1).astype(np.float32)
    attributes = {"system": "phi4", "parameters": "{}", "sampler": "transfer matrix"}
    with EnsembleWriter(path, (8,), attributes=attributes, dtype="float32") as writer:
        writer.append(fields)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A discrete flow, trained for a second."""
    folder = tmp_path_factory.mktemp("training")
    return trained(CHAIN[2], *CHAIN[:2], folder, generation={"samples": COUNT})[0]


def test_weights_from_both_sides(reference, model):
    """-ln Z forward and reverse within 4 errors of the exact one; rounding is nothing beside the error of ln Z."""
    result = study_exact_weights(Phi4(*CHAIN), StudyInputs({}, 3, reference, {"model": model}))
    rows, exact = result.table, -transfer_matrix_log_z(*CHAIN[:2], 8)
    assert rows["direction"].tolist() == ["reverse", "forward"] and "steps" not in rows
    assert (abs(rows["minus_log_z"] - exact) < 4 * rows["minus_log_z_error"]).all()
    assert (rows["minus_log_z_error"] < 0.01).all() and (rows["ess"] > 0.9).all()
    assert (abs(rows["positive"] - 0.5) < 4 * rows["positive_error"]).all()
    assert result.record["rounding_shift"] < 0.01


def test_a_determinant_that_is_not_that_of_the_map_is_told(reference, model):
    """By the inversion of the samples, where their own weights are as equal as before."""

    class Wrong:
        settings, log_density = model.settings, model.log_density

        def sample(self, count, generator):
            drawn = model.sample(count, generator)
            return type(drawn)(drawn.values, log_q=drawn.log_q + 0.05)

    result = study_exact_weights(Phi4(*CHAIN), StudyInputs({}, 3, reference, {"model": Wrong()}))
    assert result.table["ess"][0] > 0.9 and result.record["rounding_shift"] > 1
