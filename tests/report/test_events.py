"""What the report shows of events: its figures, their label, and the null of each distance."""

import shutil

import numpy as np
import pandas as pd
import pytest

from emulant.collisions.system import Collision
from emulant.collisions.tables import read_events, write_events
from emulant.judging.measure import measure
from emulant.observables import applicable
from emulant.reporting.results import Results
from emulant.systems import open_samples
from tests.scripts import script

from .conftest import CAPTIONS, TEMPLATE

FILES = {
    "reference": "reference.parquet",
    "heidi": "heidi/ensemble.parquet",
    "heidi_unprojected": "heidi/ensemble_unprojected.parquet",
}
NUCLEI = {"projectile": [12, 6], "target": [12, 6], "energy": 10.0, "impact": [1.0, 1.0]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An experiment with the surrogate's events as reference and as those of a model, drawn and reported."""
    folder, system = tmp_path_factory.mktemp("results") / "smoke" / "carbon", Collision(NUCLEI)
    settings = {"sampler": "surrogate", "samples": 64}
    path = folder / "reference.parquet"
    system.sample_reference(path, settings=settings, seed=1, checkpoint=folder / "x.npz")
    made = {"system": "collision", "parameters": "{}", "sampler": "heidi", "seed": "1"}
    for name in ("ensemble", "ensemble_unprojected"):
        write_events(folder / "heidi" / f"{name}.parquet", read_events(path), made)
    rows = []
    for source, file in FILES.items():
        with open_samples(folder / file, system) as samples:
            rows.append(measure(samples, system, applicable(None, system)).rows.assign(source=source))
    pd.concat(rows).to_csv(folder / "observables.csv", index=False)
    script("figures").main(folder, folder / "figures/index.json", models=["heidi"], captions=CAPTIONS)
    settings = {"system": {"kind": "collision"} | NUCLEI, "reference": settings, "models": {"heidi": {}}}
    script("report").main(TEMPLATE, folder.parent / "report.html", settings={"carbon": settings}, seed=1)
    return folder


def test_every_figure_of_events_is_drawn_and_shown(folder):
    text = (folder.parent / "report.html").read_text()
    titles = ("Conservation laws", "Correlations of the numbers of particles", "An event in momentum space")
    for name, title in zip(("conservation", "count_correlations", "event_display"), titles, strict=True):
        assert (folder / "figures" / f"{name}.svg").stat().st_size > 10_000
        assert f"<b>{title}.</b>" in text


def test_the_surrogate_is_named_wherever_it_is_listed(folder):
    assert 'class="label">surrogate, not UrQMD' in (folder.parent / "report.html").read_text()


def test_distances_stand_beside_their_null(tree):
    text = (tree / "report.html").read_text()
    assert "null 0.500(10), p = 0.4" in text


def test_generated_events_are_read_with_the_reference(folder):
    found = dict(Results(folder, ["heidi"]).first_events(10))
    assert list(found) == ["reference", "heidi"]
    assert np.array_equal(found["reference"].momenta, found["heidi"].momenta) and len(found["heidi"]) == 10
    assert list(dict(Results(folder, ["heidi"]).first_events(1, unprojected=True)))[2] == "heidi_unprojected"


def test_events_of_an_earlier_run_that_were_not_measured_again_are_not_shown(folder, tmp_path):
    later = tmp_path / "later"
    shutil.copytree(folder, later)
    rows = pd.read_csv(later / "observables.csv")
    rows[rows["source"] != "heidi_unprojected"].to_csv(later / "observables.csv", index=False)
    assert Results(folder, ["heidi"]).unprojected().keys() == {"heidi_unprojected"}
    assert not Results(later, ["heidi"]).unprojected()
