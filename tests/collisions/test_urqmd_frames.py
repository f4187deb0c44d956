"""UrQMD in both of its modes against tables: of the lab frame, made without this package, and our own of the other."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emulant.collisions import urqmd
from emulant.collisions.acceptance import COMMON, MIDRAPIDITY, places
from emulant.collisions.counts import species_counts
from emulant.collisions.tables import read_events
from emulant.collisions.urqmd import Urqmd, make_pieces
from emulant.statistics.pulls import limit
from emulant.storage.pieces import pieces_of

RESOURCES = Path(__file__).parents[2] / "resources"
EVENTS, FALSE_ALARM = 4, 1e-4


@pytest.mark.slow
@pytest.mark.skipif(not urqmd.available(), reason="chromo is not installed")
@pytest.mark.parametrize(("frame", "events_of_table"), [("lab", 300), ("cm", 1000)])
def test_numbers_of_the_common_species(tmp_path, frame, events_of_table):
    """Means of four events, and their total, within the limit that right ones leave in one of 10,000 tests."""
    (piece,) = pieces_of(tmp_path, EVENTS, 20, "parquet")
    assert make_pieces(Urqmd(frame=frame), [piece], seed=1, progress=None) == []
    events, table = (
        read_events(piece.path),
        pd.read_csv(RESOURCES / f"urqmd_{frame}_frame.csv", comment="#").set_index("pdg"),
    )
    counts = species_counts(events)[:, places(COMMON)].mean(axis=0)
    means = dict(zip(COMMON, counts, strict=True)) | {0: events.counts.mean()}
    error = np.sqrt(table["variance"] * (1 / EVENTS + 1 / events_of_table))
    pulls = [(value - table.loc[pdg, "mean"]) / error[pdg] for pdg, value in means.items()]
    assert np.abs(pulls).max() < limit(len(pulls), FALSE_ALARM)
    # Numbers at midrapidity fluctuate at most like Poisson's.
    middle = species_counts(events, MIDRAPIDITY)[:, places(COMMON)].mean(axis=0)
    expected = table.loc[list(COMMON), "midrapidity"]
    pulls = (middle - expected) / np.sqrt(expected * (1 / EVENTS + 1 / events_of_table))
    assert np.abs(pulls).max() < limit(len(pulls), FALSE_ALARM)
