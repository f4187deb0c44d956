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
from emulant.judging.judge import judge
from emulant.judging.measure import measure
from emulant.models import build_model
from emulant.observables import applicable
from emulant.storage.provenance import provenance
from emulant.systems import open_samples, system_from

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
CORRELATIONS = ["correlation_proton_neutron", "correlation_pion_pion", "correlation_proton_pion"]


@pytest.fixture(scope="module")
def judgement(tmp_path_factory):
    """Of an untrained network, which decides on momenta alone, and of the same without correlations of numbers."""
    folder = tmp_path_factory.mktemp("judged")
    own = {key: value for key, value in SYSTEM.items() if key != "kind"}
    reference, training = (concatenated(list(Surrogate(**own).events(512, seed))) for seed in (1, 2))
    model = build_model(SETTINGS, training)
    ensembles = {"reference": reference, "heidi": model.sample(512, torch.Generator().manual_seed(3))}
    ensembles["unprojected"] = model.sample(512, torch.Generator().manual_seed(5), project=False)
    factors = np.broadcast_to(np.eye(model.multiplicity.factors.shape[-1]), model.multiplicity.factors.shape)
    model.multiplicity = replace(model.multiplicity, factors=factors)
    ensembles["uncorrelated"] = model.sample(512, torch.Generator().manual_seed(4))
    system, tables, samples = system_from(SYSTEM), [], {}
    with ExitStack() as stack:
        opened = {}
        for source, events in ensembles.items():
            path = folder / f"{source}.parquet"
            write_events(path, events, provenance(system="collision", parameters=own, sampler=source, seed=1))
            opened[source] = stack.enter_context(open_samples(path, system))
            found = measure(opened[source], system, applicable(NUMBERS + SUMS + CORRELATIONS, system))
            tables.append(found.rows.assign(source=source))
            samples[source] = found.jackknife
        return judge(pd.concat(tables, ignore_index=True), samples, opened, system)


def test_the_law_of_the_training_events_passes(judgement):
    """In every number of particles and every sum; the distances of events see momenta too, which nobody has trained."""
    rows = judgement.comparison
    assert not (rows.loc[rows["source"] == "heidi", "verdict"] == "fail").any()


def test_what_keeps_its_sums_only_on_average_fails(judgement):
    """Events without the last step have the right means of p_x and E and too much of a spread."""
    rows = judgement.comparison
    pulls = rows[(rows["source"] == "unprojected") & rows["observable"].isin(["sum_px", "sum_energy"])]
    assert pulls.loc[pulls["index"] == 2, "pull"].min() > 10
    charges = rows[(rows["source"] == "unprojected") & (rows["observable"] == "sum_charge")]
    assert (charges["pull"] == 0).all()


def test_without_correlations_it_fails_in_what_is_correlated(judgement):
    assert judgement.verdicts.set_index("source").loc["uncorrelated", "verdict"] == "fail"
    rows = judgement.comparison
    pulls = rows[rows["source"] == "uncorrelated"].set_index("observable")["pull"].abs()
    assert pulls["species_mean"].max() < 5
    # Strangeness is exact all the same, and K0 takes up what the others leave.
    assert pulls["species_variance"].max() > 8
    assert pulls[CORRELATIONS].max() > 3
