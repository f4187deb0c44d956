"""Each figure shows the numbers that it was given."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from emulant.contracts.quantity import Quantity
from emulant.contracts.source import REFERENCE, Source
from emulant.plots.cost import cost_ledger
from emulant.plots.cumulants import cumulants_along_path
from emulant.plots.distributions import distributions
from emulant.plots.fields import sample_fields
from emulant.plots.indexed import indexed
from emulant.plots.likelihood import likelihood
from emulant.plots.pulls import pulls
from emulant.plots.style import INK, label_of, look_of, looking, noted, panels, save
from emulant.plots.training import training_curves
from emulant.systems import observables_of

KNOWN = observables_of("phi4")
MODEL, VE = Source("model"), Source("ve_diffusion")


def line(axis, label):
    return next(drawn for drawn in axis.lines if drawn.get_label() == label)


def errorbar(axis, label):
    return next(c for c in axis.containers if c.get_label() == label).lines[0].get_xydata()


def span(axis):
    (band,) = [patch for patch in axis.patches if patch.get_width() > 0 and patch.get_zorder() == 0]
    return band


def test_fields_share_one_symmetric_scale_and_carry_their_note():
    fields = {REFERENCE: np.ones((2, 4, 4)), VE: -2 * np.ones((2, 4, 4))}
    figure = sample_fields(fields, {REFERENCE: "not equilibrated"})
    images = [axis.images[0] for axis in figure.axes if axis.images]
    assert {image.get_clim() for image in images} == {(-2.0, 2.0)}
    np.testing.assert_array_equal(images[1].get_array(), fields[VE][0])
    assert figure.axes[0].get_title() == "reference\n(not equilibrated)"
    assert figure.axes[1].get_title() == "VE diffusion"


def test_distributions_show_densities_and_pulls():
    bins = pd.DataFrame({"left": [0.0, 1.0], "right": [1.0, 2.0], "quantity": "phi"})
    reference = bins.assign(model="reference", variant="", density=[0.5, 0.5], error=0.03)
    model = bins.assign(model="model", variant="", density=[0.6, 0.4], error=0.04)
    figure = distributions(
        pd.concat([reference, model]), [REFERENCE, MODEL], ["model"], {"phi": Quantity(None, r"\phi", "fm")}
    )
    linear, logarithmic, deviation = figure.axes
    np.testing.assert_allclose(line(linear, "model").get_ydata(), [0.6, 0.4])
    np.testing.assert_allclose(deviation.lines[0].get_ydata(), [2.0, -2.0])
    assert logarithmic.get_yscale() == "log"
    assert deviation.get_xlabel() == r"$\phi$ [fm]"


def test_indexed_shows_the_ratio_to_the_reference():
    table = pd.DataFrame(
        {
            "model": ["reference"] * 2 + ["model"] * 2,
            "variant": "",
            "observable": "correlator",
            "index": [0, 1] * 2,
            "value": [2.0, 1.0, 2.2, 0.9],
            "error": 0.02,
        }
    )
    top, bottom = indexed(table, [REFERENCE, MODEL], ["model"], KNOWN["correlator"], r"$r/a$").axes
    np.testing.assert_allclose(errorbar(top, "model")[:, 1], [2.2, 0.9])
    np.testing.assert_allclose(bottom.containers[0].lines[0].get_xydata()[:, 1], [1.1, 0.9])
    assert top.get_ylabel() == "$G(r)$"
    assert bottom.get_xlabel() == r"$r/a$"


def test_cumulants_drop_points_lost_in_noise_and_show_a_wrong_model():
    t = np.linspace(0.1, 0.5, 5)
    laws = [
        pd.DataFrame({"path": "ve_diffusion", "t": t, "n": n, "value": -2.0, "error": 0.01, "exact": -2.0})
        for n in (2, 4, 6)
    ]
    laws[1].loc[4, "error"] = 50.0
    back = pd.DataFrame({"t": [0.1, 0.4], "n": 4, "value": [-1.0, 9.0], "error": [0.01, 80.0]})
    axis = cumulants_along_path(pd.concat(laws), {VE: back}, ["ve_diffusion"]).axes[1]
    assert axis.get_ylabel() == r"$\kappa_{4}(t)$"
    np.testing.assert_allclose(errorbar(axis, "forward")[:, 0], t[:4])
    np.testing.assert_allclose(errorbar(axis, "backward (model)"), [[0.1, -1.0]])
    assert axis.get_ylim()[0] < -2.0
    assert axis.get_ylim()[1] > -1.0


def test_pulls_draw_the_limit_and_mark_what_lies_beyond():
    table = pd.DataFrame(
        {
            "model": ["a", "a", "a", "training"],
            "variant": ["", "", "metropolis", ""],
            "observable": ["binder", "susceptibility", "binder", "binder"],
            "index": 0,
            "against": "reference",
            "pull": [1.5, 40.0, -0.5, 3.0],
        }
    )
    axis = pulls(table, 3.4, ["a"], KNOWN).axes[0]
    assert (span(axis).get_x(), span(axis).get_width()) == pytest.approx((-3.4, 6.8))
    np.testing.assert_allclose(line(axis, "a").get_xdata(), [1.5])
    arrows = [drawn for drawn in axis.lines if drawn.get_marker() == ">" and len(drawn.get_xdata())]
    assert len(arrows) == 1
    assert 3.4 < arrows[0].get_xdata()[0] < axis.get_xlim()[1]
    assert line(axis, "a + Metropolis").get_markerfacecolor() == "white"
    assert "training" not in axis.get_legend_handles_labels()[1]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["$U_L$", r"$\chi_2$"]


def test_large_sets_share_a_line_and_exact_values_a_block():
    rows = [("correlator", r, "reference") for r in range(9)] + [("binder", 0, "exact")]
    table = pd.DataFrame(rows, columns=["observable", "index", "against"]).assign(
        model="a", variant="", pull=0.5
    )
    axis = pulls(table, 3.0, ["a"], KNOWN).axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["$G(r)$", "$U_L$  (exact)"]


def test_sets_have_a_line_of_their_own_test_and_small_members():
    """kappa_2 and kappa_4 lie inside, and fail together; the correlator has many members and one line."""
    rows = [
        ("kappa", 2, False, 1.0),
        ("kappa", 4, False, -0.5),
        ("kappa", 0, True, 5.0),
        ("binder", 0, False, 2.0),
    ]
    rows += [("correlator", r, False, 0.1 * r) for r in range(9)] + [("correlator", 0, True, 1.5)]
    table = pd.DataFrame(rows, columns=["observable", "index", "together", "pull"]).assign(
        model="a", variant="", against="reference"
    )
    axis = pulls(table, 3.0, ["a"], KNOWN).axes[0]
    labels = [text.get_text() for text in axis.get_yticklabels()]
    joint = r"$\kappa_2$…$\kappa_4$ together"
    assert labels == [r"$\kappa_2$", r"$\kappa_4$", joint, "$U_L$", "$G(r)$ together"]
    large = line(axis, "a")
    np.testing.assert_allclose(sorted(large.get_xdata()), [1.5, 2.0, 5.0])
    (small,) = (drawn for drawn in axis.lines if drawn.get_markersize() == 2.8 and len(drawn.get_xdata()))
    assert len(small.get_xdata()) == 11


def test_what_is_only_shown_is_small():
    table = pd.DataFrame({"observable": ["binder", "susceptibility"], "tested": [True, False]}).assign(
        model="a", variant="", index=0, pull=1.0, against="reference"
    )
    axis = pulls(table, 3.0, ["a"], KNOWN).axes[0]
    sizes = {d.get_markersize(): len(d.get_xdata()) for d in axis.lines if len(d.get_xdata()) == 1}
    assert len(line(axis, "a").get_xdata()) == 1 and sizes[2.8] == 1


def test_tests_that_know_no_physics_are_a_block_of_their_own():
    table = pd.DataFrame(
        {"observable": ["binder", "event_frechet"], "against": ["reference", "blind"]}
    ).assign(model="a", variant="", index=0, pull=[0.5, 4.4])
    axis = pulls(table, 3.0, ["a"], KNOWN).axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["$U_L$", "event Fréchet"]


def test_many_observables_stand_in_columns():
    """130 lines in three; every point once, and one legend."""
    rows = [(f"observable_{number}", "reference") for number in range(130)]
    table = pd.DataFrame(rows, columns=["observable", "against"]).assign(
        model="a", variant="", pull=0.5, index=0
    )
    figure = pulls(table, 3.0, ["a"], KNOWN)
    assert len(figure.axes) == 3 and len(figure.legends) == 1
    assert sum(len(line(axis, "a").get_xdata()) for axis in figure.axes) == 130
    labels = [text.get_text() for axis in figure.axes for text in axis.get_yticklabels()]
    assert len(labels) == len(set(labels)) == 130
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["limit ±3.0", "a"]


def test_training_curves():
    curve = pd.DataFrame({"examples": [100, 200], "loss": [1.0, 0.5], "validation_loss": [0.9, 0.6]})
    (axis,) = training_curves({Source("flow_matching"): curve}, ["flow_matching"]).axes
    np.testing.assert_allclose(line(axis, "training").get_ydata(), [1.0, 0.5])
    np.testing.assert_allclose(line(axis, "validation").get_ydata(), [0.9, 0.6])


def test_likelihood_removes_means_and_states_the_slope():
    table = pd.DataFrame({"action": [1.0, 2.0, 3.0], "minus_log_q": [11.0, 12.0, 13.0], "error": 0.1})
    (axis,) = likelihood({VE: table}, {VE: (0.994, 0.031)}, ["ve_diffusion"]).axes
    np.testing.assert_allclose(axis.containers[0].lines[0].get_xydata(), [[-1, -1], [0, 0], [1, 1]])
    assert line(axis, "fit: 0.99(3)") is not None


def test_cost_shows_both_prices():
    table = pd.DataFrame(
        {
            "experiment": "phi4_critical",
            "model": ["reference", "ve_diffusion"],
            "variant": "",
            "seconds_per_independent": [1e-3, 2e-3],
            "seconds_per_independent_with_training": [1e-3, 9e-3],
        }
    )
    axis = cost_ledger(table, {"phi4_critical": ["ve_diffusion"]}, {"phi4_critical": "φ⁴"}).axes[0]
    np.testing.assert_allclose(line(axis, "VE diffusion").get_xdata(), [2e-3])
    assert any(np.allclose(drawn.get_xdata(), [9e-3]) for drawn in axis.lines)
    assert axis.get_xscale() == "log"


def test_the_ledger_has_the_colours_of_each_experiment():
    """The cheapest model, which comes first in the table, is the second of its experiment."""
    prices = {
        name: [1e-3, 2e-3] for name in ("seconds_per_independent", "seconds_per_independent_with_training")
    }
    table = pd.DataFrame({"experiment": "two_peak", "model": ["flow", "score"], "variant": "", **prices})
    models = ["score", "flow"]
    axis = cost_ledger(table, {"two_peak": models}, {"two_peak": "Two peaks"}).axes[0]
    for name in models:
        assert line(axis, name).get_color() == look_of(Source(name), models).colour


def test_the_ledger_names_every_source_and_cuts_none():
    """Reference and yardsticks stand there by name, inside the figure."""
    names = ["reference", *(f"a_model_with_a_long_name_{number}" for number in range(9))]
    prices = {
        name: np.geomspace(1e-6, 1, 10)
        for name in ("seconds_per_independent", "seconds_per_independent_with_training")
    }
    table = pd.DataFrame({"experiment": "peaks", "model": names, "variant": "", **prices})
    figure = cost_ledger(table, {"peaks": names[1:]}, {"peaks": "Two peaks"})
    figure.draw_without_rendering()
    shown = {text.get_text(): text.get_window_extent() for text in figure.axes[0].texts}
    assert set(shown) == {label_of(Source(name)) for name in names}
    assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 for box in shown.values())


def test_a_model_keeps_its_look_in_every_experiment():
    with looking({"flow": ["wine", "D"]}):
        looks = [look_of(Source("flow"), models) for models in (["flow", "other"], ["other", "flow"])]
        assert looks[0] == looks[1] and looks[0].marker == "D"
        assert look_of(Source("other"), ["flow", "other"]).colour != looks[0].colour
    assert look_of(Source("flow"), ["flow"]).marker == "o"


def test_dense_points_are_a_picture_inside_a_small_vector_figure(tmp_path):
    figure, axes = panels()
    points = np.random.default_rng(1).normal(size=(4000, 2))
    axes[0, 0].plot(*points.T, "o", label="dense")
    save(figure, tmp_path / "figure.svg")
    text = (tmp_path / "figure.svg").read_text()
    assert text.count("<image") == 1 and len(text) < 100_000
    assert (
        "<metadata" not in text
        and "<!--" not in text
        and not re.search(r"\d\.\d{5}", text.split("<image")[0])
    )


def test_sources_look_alike_in_all_figures_of_an_experiment():
    models = ["first", "second", "third"]
    assert look_of(REFERENCE, models).colour == INK
    assert len({look_of(Source(model), models)[:2] for model in models}) == 3
    raw, corrected = look_of(Source("second"), models), look_of(Source("second", "metropolis"), models)
    assert raw[:2] == corrected[:2] != look_of(Source("training"), models)[:2]


def test_labels_say_model_and_variant():
    words = {
        Source("ve_diffusion", "metropolis"): "VE diffusion + Metropolis",
        Source("flow", "weighted"): "flow, reweighted",
        Source("flow", "training2"): "flow, training 2",
        Source("flow_matching", "without_noise"): "flow matching, without noise",
    }
    assert {source: label_of(source) for source in words} == words


def test_the_same_figure_gives_the_same_bytes_without_a_date(tmp_path):
    curve = pd.DataFrame({"examples": [1, 2], "loss": [1.0, 0.5], "validation_loss": [0.9, 0.6]})
    for name in ("a.svg", "b.svg"):
        save(training_curves({MODEL: curve}, ["model"]), tmp_path / name)
    first = (tmp_path / "a.svg").read_bytes()
    assert first == (tmp_path / "b.svg").read_bytes()
    assert b"dc:date" not in first


def test_a_note_follows_its_source_in_every_legend():
    figure = Figure()
    axis = figure.subplots()
    axis.plot([0, 1], label="reference")
    axis.plot([1, 0], label="VE diffusion")
    legend = axis.legend()
    noted(figure, {REFERENCE: "not equilibrated"})
    assert [text.get_text() for text in legend.get_texts()] == [
        "reference (not equilibrated)",
        "VE diffusion",
    ]


def test_a_long_note_leaves_room_for_the_panels():
    """A legend that is wider than its panel would push it out of the figure."""
    figure, axes = panels(1, 3, width=3.2, height=3.0)
    for axis in axes[0]:
        axis.plot([0, 1], label="reference")
    axes[0, 0].legend()
    noted(figure, {REFERENCE: "own viscous hydrodynamics, thermal pi, K, p without decays of resonances"})
    figure.draw_without_rendering()
    widths = [axis.get_position().width for axis in axes[0]]
    assert min(widths) > 0.2
