"""Events in which species do not occur are judged in what occurs."""

from contextlib import ExitStack

import numpy as np
import pandas as pd

from emulant.collisions.events import concatenated
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import write_events
from emulant.contracts.source import REFERENCE, TRAINING
from emulant.forms import open_samples
from emulant.judging.judge import judge
from emulant.judging.measure import measure
from emulant.storage.provenance import provenance
from emulant.systems import measured_observables, system_from

CARBON = {"projectile": [12, 6], "target": [12, 6], "energy": 1.23, "impact": [1.0, 1.0]}
"""At an energy of HADES, where there are no antikaons and hardly any hyperons."""
DETECTED = (211, -211, 321, 2212)

OBSERVABLES = ["directed_flow", "mean_pt", "species_mean", "species_skewness", "correlation_proton_neutron"]


def judgement(folder, samples):
    """Judge events by source, all observables measured."""
    system, tables, jackknife = system_from({"kind": "collision", **CARBON}), [], {}
    observables = measured_observables(OBSERVABLES, "collision")
    with ExitStack() as stack:
        opened = {}
        for source, events in samples.items():
            path = folder / f"{source.name}.parquet"
            attributes = provenance(system="collision", parameters=CARBON, sampler=source.name, seed=1)
            write_events(path, events, attributes)
            opened[source] = stack.enter_context(open_samples(path, system))
            measured = measure(opened[source], system, observables)
            tables.append(measured.rows.assign(experiment="carbon", **source._asdict()))
            jackknife[source] = measured.jackknife
        return judge(pd.concat(tables, ignore_index=True), jackknife, opened, system)


def test_the_rest_is_judged(tmp_path, monkeypatch):
    """Two samples of one law: none of the tests fails, and the remark names what is in none."""
    # Distances of events are finite here, and slow.
    monkeypatch.setattr("emulant.judging.judge.part_of_form", lambda *arguments: None)
    samples = {}
    for seed, source in enumerate((REFERENCE, TRAINING)):
        events = concatenated(list(Surrogate(**CARBON).events(128, seed)))
        samples[source] = events.where(np.isin(events.pdg, DETECTED))
    verdict = judgement(tmp_path, samples).verdicts.set_index("model").loc["training"]
    assert verdict["verdict"] == "pass" and verdict["tests"] == 7
    for name in ("directed_flow (5 of", "mean_pt (10 of", "correlation_proton_neutron"):
        assert name in verdict["note"]
