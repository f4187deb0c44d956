"""The judge on heidi's events: numbers of particles pass, and without their correlations they fail."""

from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from emulant.collisions.events import concatenated
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import write_events
from emulant.contracts.source import REFERENCE, Source, of_source
from emulant.families import build_model
from emulant.forms import open_samples
from emulant.judging.judge import judge
from emulant.judging.measure import measure
from emulant.storage.provenance import provenance
from emulant.systems import measured_observables, system_from

SYSTEM = {
    "kind": "collision",
    "projectile": [63, 29],
    "target": [63, 29],
    "energy": 10.0,
    "impact": [1.0, 1.0],
}
SETTINGS = {
    "family": "heidi",
    "network": {"channels": 8, "blocks": 1, "heads": 2},
    "generation": {"steps": 1, "batch": 64},
}
NUMBERS = ["multiplicity", "species_mean", "species_variance"]
SUMS = ["sum_px", "sum_py", "sum_pz", "sum_energy", "sum_baryon", "sum_charge", "sum_strangeness"]
RAW, UNPROJECTED, UNCORRELATED = Source("heidi"), Source("heidi", "unprojected"), Source("uncorrelated")
CORRELATIONS = ["correlation_proton_neutron", "correlation_pion_pion", "correlation_proton_pion"]


@pytest.fixture(scope="module")
def judgement(tmp_path_factory):
    """Of an untrained network, which decides on momenta alone, and of the same without correlations of numbers."""
    folder = tmp_path_factory.mktemp("judged")
    parameters = {key: value for key, value in SYSTEM.items() if key != "kind"}
    reference, training = (concatenated(list(Surrogate(**parameters).events(512, seed))) for seed in (1, 2))
    model = build_model(SETTINGS, training)
    ensembles = {REFERENCE: reference, RAW: model.sample(512, torch.Generator().manual_seed(3)).values}
    generator = torch.Generator().manual_seed(5)
    ensembles[UNPROJECTED] = model.sample_variant("unprojected", 512, generator).values
    factors = np.broadcast_to(np.eye(model.multiplicity.factors.shape[-1]), model.multiplicity.factors.shape)
    model.multiplicity = replace(model.multiplicity, factors=factors)
    ensembles[UNCORRELATED] = model.sample(512, torch.Generator().manual_seed(4)).values
    system, tables, samples = system_from(SYSTEM), [], {}
    observables = measured_observables(NUMBERS + SUMS + CORRELATIONS, "collision")
    with ExitStack() as stack:
        opened = {}
        for source, events in ensembles.items():
            path = folder / f"{source.name}.parquet"
            attributes = provenance(system="collision", parameters=parameters, sampler=source.name, seed=1)
            write_events(path, events, attributes)
            opened[source] = stack.enter_context(open_samples(path, system))
            measured = measure(opened[source], system, observables)
            tables.append(measured.rows.assign(experiment="copper", **source._asdict()))
            samples[source] = measured.jackknife
        return judge(pd.concat(tables, ignore_index=True), samples, opened, system)


def test_the_law_of_the_training_events_passes(judgement):
    """In every number of particles and every sum; the distances of events see momenta too, which nobody has trained."""
    assert not (of_source(judgement.comparison, RAW)["verdict"] == "fail").any()


def test_what_keeps_its_sums_only_on_average_fails(judgement):
    """Events without the last step have the right means of p_x and E and too much of a spread."""
    rows = of_source(judgement.comparison, UNPROJECTED)
    pulls = rows[rows["observable"].isin(["sum_px", "sum_energy"])]
    assert pulls.loc[pulls["index"] == 2, "pull"].min() > 10
    assert (rows.loc[rows["observable"] == "sum_charge", "pull"] == 0).all()


def test_without_correlations_it_fails_in_what_is_correlated(judgement):
    assert of_source(judgement.verdicts, UNCORRELATED)["verdict"].tolist() == ["fail"]
    pulls = of_source(judgement.comparison, UNCORRELATED).set_index("observable")["pull"].abs()
    assert pulls["species_mean"].max() < 5
    # Strangeness is exact all the same, and K0 takes up what the others leave.
    assert pulls["species_variance"].max() > 8
    assert pulls[CORRELATIONS].max() > 3
