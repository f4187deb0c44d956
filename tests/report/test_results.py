"""What figures read of an experiment: sources in their order, records of studies, pictures of scalar fields alone."""

import numpy as np
import pytest

from emulant.contracts.source import REFERENCE, TRAINING, Source
from emulant.forms.fields.figures import figures
from emulant.reporting.results import Results
from emulant.reporting.section import flattened, study_records
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.records import write_json

FLOW, AGAIN = Source("flow"), Source("flow", "training2")
PHI4 = {"kind": "phi4", "kappa": 0.2, "lambda": 0.0, "shape": [4, 4]}
BOSE = {"kind": "bose_gas", "mass": 1.0, "lambda": 1.0, "shape": [4, 4], "mu": [0.5]}


def results_of(folder, block, sources=(REFERENCE,)):
    return Results(folder, block, {source: folder / f"{source.name}.h5" for source in sources})


def test_sources_by_what_they_are(tmp_path):
    every = [REFERENCE, TRAINING, FLOW, AGAIN, Source("flow", "weighted"), Source("flow", "unprojected")]
    results = results_of(tmp_path, PHI4, every)
    assert results.models == ["flow"]
    assert results.raw() == [REFERENCE, FLOW, AGAIN]
    assert results.variants() == [Source("flow", "unprojected")]


@pytest.mark.parametrize(("block", "shape", "drawn"), [(PHI4, (4, 4), 1), (BOSE, (1, 4, 4, 4), 0)])
def test_one_number_a_site_makes_a_picture(tmp_path, block, shape, drawn):
    attributes = {"system": block["kind"], "parameters": "{}", "sampler": "exact"}
    with EnsembleWriter(tmp_path / "reference.h5", shape, attributes=attributes) as writer:
        writer.append(np.random.default_rng(1).normal(size=(3, *shape)))
    assert len(list(figures["fields"].draw(results_of(tmp_path, block)))) == drawn


def test_records_of_all_studies_are_shown(tmp_path):
    """One of all models, as a density, and one of each model, under its label."""
    block = {"kind": "quartic_well", "mu2": -1.0, "g": 0.4}
    write_json(tmp_path / "flow/effective_action.json", {"max_deviation": 0.5})
    settings = {"models": {"flow": {"family": "diffusion"}}}
    rows = flattened(study_records(results_of(tmp_path, block, [REFERENCE, FLOW]), settings))
    assert rows == [("effective action · flow · max deviation", 0.5)]
    plane = {"kind": "planar_peaks", "mean": 1.0, "width": 0.25}
    write_json(tmp_path / "density.json", {"kl": {"flow": 0.125}})
    assert flattened(study_records(results_of(tmp_path, plane), {})) == [("density · kl · flow", 0.125)]
