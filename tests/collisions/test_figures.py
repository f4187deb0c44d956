"""Figures of events show the numbers that they were given."""

import numpy as np
import pandas as pd
import pytest

from emulant.collisions.events import Events
from emulant.collisions.figures.conservation import conservation
from emulant.collisions.figures.count_correlations import count_correlations
from emulant.collisions.figures.event_display import event_display
from emulant.collisions.figures.spectra import spectra
from emulant.contracts.source import REFERENCE, Source
from emulant.plots.style import save
from emulant.systems import observables_of

HEIDI = Source("heidi")
KNOWN = observables_of("collision")


def errorbar(axis, label):
    return next(c for c in axis.containers if c.get_label() == label).lines[0].get_xydata()


def spectra_table(sources):
    rows = [
        {"observable": name, **source._asdict(), "index": k, "value": scale * k, "error": 1.0}
        for name in ("rapidity_proton", "pt_proton", "pt_covariance")
        for source, scale in sources.items()
        for k in (1, 2)
    ]
    return pd.DataFrame(rows)


def test_spectra_lie_at_the_centres_of_their_bins():
    table = spectra_table({REFERENCE: 10.0})
    for axis, edges, places in (
        ("rapidity", [-1.0, 0.0, 1.0], [-0.5, 0.5]),
        ("pt", [0.0, 0.2, 0.6], [0.1, 0.4]),
    ):
        (only,) = spectra(table, [REFERENCE], [], KNOWN, axis, np.array(edges)).axes
        np.testing.assert_allclose(errorbar(only, "reference"), np.column_stack([places, [10.0, 20.0]]))


def test_spectra_of_models_have_ratios():
    table = spectra_table({REFERENCE: 10.0, HEIDI: 11.0})
    figure = spectra(table, [REFERENCE, HEIDI], ["heidi"], KNOWN, "rapidity", np.array([-1.0, 0.0, 1.0]))
    assert len(figure.axes) == 2
    ratio = figure.axes[1].containers[0].lines[0].get_xydata()
    np.testing.assert_allclose(ratio[:, 1], 1.1)


def test_a_species_that_does_not_occur_has_an_empty_panel(tmp_path):
    """Zeros have no place on a logarithmic axis."""
    edges = np.array([0.0, 0.2, 0.6])
    for value in (0.0, np.nan):
        table = spectra_table({REFERENCE: 10.0, HEIDI: 11.0}).assign(value=value, error=value)
        figure = spectra(table, [REFERENCE, HEIDI], ["heidi"], KNOWN, "pt", edges)
        save(figure, tmp_path / "spectra.svg")
        assert figure.axes[0].get_yscale() == "linear"


def test_a_species_that_no_event_has_takes_no_panel():
    table = spectra_table({REFERENCE: 10.0})
    proton = table[table["observable"] == "pt_proton"]
    absent = proton.assign(observable="pt_pion_zero", value=0.0, error=0.0)
    both = pd.concat([proton, absent])
    (only,) = spectra(both, [REFERENCE], [], KNOWN, "pt", np.array([0.0, 0.2, 0.6])).axes
    assert only.get_title() == f"${KNOWN['pt_proton'].symbol}$"


def test_spectra_of_many_species_share_rows():
    """Seven species: five panels and two, and what is left of the row is empty."""
    names = [name for name in KNOWN if name.startswith("pt_")][1:8]
    rows = spectra_table({REFERENCE: 10.0})
    rows = pd.concat([rows[rows["observable"] == "pt_proton"].assign(observable=name) for name in names])
    axes = spectra(rows, [REFERENCE], [], KNOWN, "pt", np.array([0.0, 0.2, 0.6])).axes
    assert [axis.get_visible() for axis in axes] == [True] * 7 + [False] * 3
    assert axes[0].get_title() == "$dN/dp_T(\\mathrm{n})$"


def test_conservation_says_mean_and_deviation_and_marks_the_charges():
    exact = np.tile([0.0, 0.0, 0.0, 948.0, 394.0, 158.0, 0.0], (50, 1))
    loose = exact + np.random.default_rng(1).normal(scale=13.0, size=(50, 7)).round()
    figure = conservation({REFERENCE: exact, HEIDI: loose}, {"B": 394, "Q": 158, "S": 0}, ["heidi"])
    assert [axis.get_xlabel() for axis in figure.axes[:2]] == [r"$\Sigma p_x$ [GeV]", r"$\Sigma p_y$ [GeV]"]
    assert next(text.get_text() for text in figure.axes[3].texts) == "948 ± 0"
    assert [drawn.get_xdata()[0] for drawn in figure.axes[4].lines] == [394]
    counts = figure.axes[4].patches[0].get_data()
    assert counts.values.sum() == pytest.approx(1)
    inside = (counts.edges[:-1] < 394) & (counts.edges[1:] > 394)
    assert counts.values[inside] == pytest.approx(1)


def test_correlations_far_from_the_reference_carry_a_dot():
    one, two = np.eye(3), np.eye(3)
    two[0, 1] = two[1, 0] = 0.5
    matrices, errors = (
        {REFERENCE: one, HEIDI: two},
        dict.fromkeys((REFERENCE, HEIDI), np.full((3, 3), 0.1)),
    )
    figure = count_correlations(matrices, errors, ["p", "n", r"\pi^+"])
    assert not figure.axes[0].lines
    np.testing.assert_array_equal(figure.axes[1].lines[0].get_xydata(), [[1, 0], [0, 1]])
    assert np.ma.is_masked(figure.axes[0].images[0].get_array()[0, 0])
    assert [text.get_text() for text in figure.axes[1].get_xticklabels()] == ["$p$", "$n$", r"$\pi^+$"]


def test_an_event_is_drawn_once_in_each_plane():
    momenta = np.array([[0.3, 0.4, 0.0, 1.1], [-0.6, 0.0, 0.2, 0.7], [0.1, 0.0, -0.2, 0.6]])
    event = Events(np.array([0]), np.array([3]), np.array([2212, 211, -321]), momenta)
    figure = event_display({REFERENCE: event, HEIDI: event})
    above, _, below, _ = figure.axes
    drawn = np.concatenate([points.get_xydata() for points in above.lines])
    np.testing.assert_allclose(np.sort(drawn, axis=0), np.sort(momenta[:, :2], axis=0))
    np.testing.assert_allclose(below.lines[0].get_xydata(), [[0.0, 0.5]])
    assert below.get_legend().get_texts()[0].get_text() == "nucleons (1)"
