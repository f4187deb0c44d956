"""Tests of events: distances of their features, and of their particles', from the reference's."""

from collections.abc import Mapping

import pandas as pd

from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.event_distances import event_distances
from emulant.contracts.source import REFERENCE, Source
from emulant.contracts.system import System
from emulant.statistics.two_sample_table import two_sample_table

__all__ = ["two_sample_tests"]


def two_sample_tests(
    system: System, ensembles: Mapping[Source, EventEnsemble], tau_int: Mapping[Source, float], seed: int
) -> pd.DataFrame:
    """Test every ensemble; events are independent. A `contracts.form.TwoSampleTests`."""
    return two_sample_table(event_distances(ensembles, REFERENCE, seed))
