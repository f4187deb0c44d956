"""What the report shows of events: its figures, their label, and the null of each distance."""

import numpy as np
import pandas as pd
import pytest

from emulant.collisions.tables import read_events, write_events
from emulant.contracts.source import REFERENCE, Source
from emulant.forms import open_samples
from emulant.judging.measure import measure
from emulant.reporting.parts import parts_of
from emulant.reporting.results import Results
from emulant.systems import measured_observables, samplers_of
from emulant.systems.collision.system import Collision
from tests.scripts import script

from .conftest import TEMPLATE

HEIDI, UNPROJECTED = Source("heidi"), Source("heidi", "unprojected")
FILES = {
    REFERENCE: "reference.parquet",
    HEIDI: "heidi/ensemble.parquet",
    UNPROJECTED: "heidi/ensemble_unprojected.parquet",
}
NUCLEI = {"projectile": [12, 6], "target": [12, 6], "energy": 10.0, "impact": [1.0, 1.0], "kind": "collision"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An experiment with the surrogate's events as reference and as those of a model, drawn and reported."""
    folder, system = tmp_path_factory.mktemp("results") / "smoke" / "carbon", Collision(NUCLEI)
    settings = {"sampler": "surrogate", "samples": 64}
    path = folder / "reference.parquet"
    samplers_of("collision")["surrogate"](
        system, path, settings=settings, seed=1, checkpoint=folder / "x.npz", threads=1
    )
    attributes = {"system": "collision", "parameters": "{}", "sampler": "heidi", "seed": "1"}
    for name in ("ensemble", "ensemble_unprojected"):
        write_events(folder / "heidi" / f"{name}.parquet", read_events(path), attributes)
    rows = []
    for source, file in FILES.items():
        with open_samples(folder / file, system) as samples:
            measured = measure(samples, system, measured_observables(None, "collision"))
            rows.append(measured.rows.assign(**source._asdict()))
    pd.concat(rows).to_csv(folder / "observables.csv", index=False)
    files = {source: folder / file for source, file in FILES.items()}
    script("figures").main(folder / "figures/index.json", NUCLEI, list(files), list(files.values()), {})
    settings = {
        "title": "C+C",
        "about": "C+C at 10 GeV a nucleon.",
        "system": NUCLEI,
        "reference": settings,
        "models": {"heidi": {"family": "heidi"}},
    }
    ensembles = [[*source, file] for source, file in files.items()]
    page = folder.parent / "report.html"
    script("report").main(TEMPLATE, page, [], page.parent, {"carbon": settings}, {"carbon": ensembles}, {}, 1)
    return folder


def test_every_figure_of_events_is_drawn_and_shown(folder):
    text = parts_of(folder.parent / "report.html")["carbon"]
    titles = ("Conservation laws", "Correlations of the numbers of particles", "An event in momentum space")
    for name, title in zip(("conservation", "count_correlations", "event_display"), titles, strict=True):
        assert (folder / "figures" / f"{name}.svg").stat().st_size > 10_000
        assert f"<b>{title}.</b>" in text


def test_the_surrogate_is_named_wherever_it_is_listed(folder):
    assert 'class="label">surrogate, not UrQMD' in (folder.parent / "report.html").read_text()


def test_distances_stand_beside_their_null(tree):
    text = parts_of(tree / "report.html")["phi4_quench"]
    assert "null 0.500(10), p = 0.4" in text


def test_generated_events_are_read_with_the_reference(folder):
    results = Results(folder, NUCLEI, {source: folder / file for source, file in FILES.items()})
    events = dict(results.first_samples(results.raw(), 10))
    assert list(events) == [REFERENCE, HEIDI] and results.variants() == [UNPROJECTED]
    assert np.array_equal(events[REFERENCE].momenta, events[HEIDI].momenta) and len(events[HEIDI]) == 10
