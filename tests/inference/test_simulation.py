"""Pairs of a simulator that fails at some parameters: named, or drawn anew on request, which the record lists."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.forms.posteriors.simulated import from_prior
from emulant.inference.priors import prior_from
from emulant.inference.simulation import Unsimulated
from emulant.storage.pairs import open_pairs

SEED, PAIRS = 3, 40


class Halved:
    """Observes theta where it is below `edge`, and fails elsewhere."""

    kind, parameters = "halved", {}
    prior = prior_from({"theta": {"uniform": [0.0, 1.0]}}, "system")
    input_shape = output_shape = site_shape = (1,)

    def __init__(self, edge):
        self.edge = edge

    def simulate(self, parameters, generator):
        if parameters[0, 0] > self.edge:
            raise Unsimulated("event 2 burst")
        return parameters + generator.standard_normal(parameters.shape)


def run(edge, folder, **settings):
    """Write a reference; returns its record and its pairs."""
    settings = {"sampler": "prior", "samples": PAIRS} | settings
    path = folder / "reference.h5"
    record = from_prior(4, "pairs")(
        Halved(edge), path, settings=settings, seed=SEED, checkpoint=folder / "pieces"
    )
    with open_pairs(path) as file:
        return record, file.read()


def test_a_failure_names_its_pair(tmp_path):
    with pytest.raises(
        InputError, match=r"^system: prior: .*redraw.* got event 2 burst, at pair \d+, theta = 0\.\d+$"
    ):
        run(0.8, tmp_path)


def test_redrawn_pairs_are_listed(tmp_path):
    """Half of the parameters fail: the others stay what they were, and the listed ones have new ones that do not."""
    record, pairs = run(0.5, tmp_path, failures="redraw")
    (tmp_path / "all").mkdir()
    _, usual = run(1.0, tmp_path / "all")
    np.testing.assert_array_equal(record["redrawn"], np.flatnonzero(usual.outputs[:, 0] > 0.5))
    changed = (pairs.outputs != usual.outputs).any(axis=1)
    np.testing.assert_array_equal(np.flatnonzero(changed), record["redrawn"])
    np.testing.assert_array_equal(pairs.inputs[~changed], usual.inputs[~changed])
    assert pairs.outputs.max() <= 0.5


def test_a_prior_that_always_fails_ends(tmp_path):
    with pytest.raises(InputError, match="at pair 0"):
        run(-1.0, tmp_path, failures="redraw")
