"""Each figure shows the numbers that it was given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from emulant.collisions.events import Events
from emulant.observables import observables
from emulant.plots.conservation import conservation
from emulant.plots.cost import cost_ledger
from emulant.plots.cumulants import cumulants_along_path
from emulant.plots.distributions import distributions
from emulant.plots.effective_action import effective_action
from emulant.plots.event_display import event_display
from emulant.plots.fields import sample_fields
from emulant.plots.indexed import indexed
from emulant.plots.langevin import langevin_diagnostics
from emulant.plots.likelihood import likelihood
from emulant.plots.plane import densities, energies
from emulant.plots.pulls import pulls
from emulant.plots.silver_blaze import silver_blaze
from emulant.plots.species import count_correlations
from emulant.plots.spectra import spectra
from emulant.plots.style import INK, look_of, noted, save
from emulant.plots.training import training_curves


def line(axis, label):
    return next(drawn for drawn in axis.lines if drawn.get_label() == label)


def errorbar(axis, label):
    return next(c for c in axis.containers if c.get_label() == label).lines[0].get_xydata()


def span(axis):
    (band,) = [patch for patch in axis.patches if patch.get_width() > 0 and patch.get_zorder() == 0]
    return band


def test_fields_share_one_symmetric_scale_and_carry_their_note():
    fields = {"reference": np.ones((2, 4, 4)), "ve_diffusion": -2 * np.ones((2, 4, 4))}
    figure = sample_fields(fields, {"reference": "not equilibrated"})
    images = [axis.images[0] for axis in figure.axes if axis.images]
    assert {image.get_clim() for image in images} == {(-2.0, 2.0)}
    np.testing.assert_array_equal(images[1].get_array(), fields["ve_diffusion"][0])
    assert figure.axes[0].get_title() == "reference\n(not equilibrated)"
    assert figure.axes[1].get_title() == "VE diffusion"


def test_distributions_show_densities_and_pulls():
    bins = pd.DataFrame({"left": [0.0, 1.0], "right": [1.0, 2.0], "quantity": "phi"})
    reference = bins.assign(source="reference", density=[0.5, 0.5], error=0.03)
    model = bins.assign(source="model", density=[0.6, 0.4], error=0.04)
    figure = distributions(pd.concat([reference, model]), ["reference", "model"])
    linear, logarithmic, deviation = figure.axes
    np.testing.assert_allclose(line(linear, "model").get_ydata(), [0.6, 0.4])
    np.testing.assert_allclose(deviation.lines[0].get_ydata(), [2.0, -2.0])
    assert logarithmic.get_yscale() == "log"
    assert deviation.get_xlabel() == r"$\phi$"


def test_indexed_shows_the_ratio_to_the_reference():
    table = pd.DataFrame(
        {
            "source": ["reference"] * 2 + ["model"] * 2,
            "observable": "correlator",
            "index": [0, 1] * 2,
            "value": [2.0, 1.0, 2.2, 0.9],
            "error": 0.02,
        }
    )
    top, bottom = indexed(table, ["reference", "model"], "correlator").axes
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
    axis = cumulants_along_path(pd.concat(laws), {"ve_diffusion": back}).axes[1]
    assert axis.get_ylabel() == r"$\kappa_{4}(t)$"
    np.testing.assert_allclose(errorbar(axis, "forward")[:, 0], t[:4])
    np.testing.assert_allclose(errorbar(axis, "backward (model)"), [[0.1, -1.0]])
    assert axis.get_ylim()[0] < -2.0
    assert axis.get_ylim()[1] > -1.0


def test_pulls_draw_the_limit_and_mark_what_lies_beyond():
    table = pd.DataFrame(
        {
            "source": ["a", "a", "a_metropolis", "training"],
            "observable": ["binder", "susceptibility", "binder", "binder"],
            "index": 0,
            "against": "reference",
            "pull": [1.5, 40.0, -0.5, 3.0],
        }
    )
    axis = pulls(table, 3.4).axes[0]
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
    table = pd.DataFrame(rows, columns=["observable", "index", "against"]).assign(source="a", pull=0.5)
    axis = pulls(table, 3.0).axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["$G(r)$", "$U_L$  (exact)"]


def test_many_observables_stand_in_columns():
    """130 lines in three; every point once, and one legend."""
    rows = [(f"observable_{number}", "reference") for number in range(130)]
    table = pd.DataFrame(rows, columns=["observable", "against"]).assign(source="a", pull=0.5, index=0)
    made = pulls(table, 3.0)
    assert len(made.axes) == 3 and len(made.legends) == 1
    assert sum(len(line(axis, "a").get_xdata()) for axis in made.axes) == 130
    labels = [text.get_text() for axis in made.axes for text in axis.get_yticklabels()]
    assert len(labels) == len(set(labels)) == 130
    assert [text.get_text() for text in made.legends[0].get_texts()] == ["limit ±3.0", "a"]


def test_training_curves():
    curve = pd.DataFrame({"examples": [100, 200], "loss": [1.0, 0.5], "validation_loss": [0.9, 0.6]})
    (axis,) = training_curves({"flow_matching": curve}).axes
    np.testing.assert_allclose(line(axis, "training").get_ydata(), [1.0, 0.5])
    np.testing.assert_allclose(line(axis, "validation").get_ydata(), [0.9, 0.6])


def test_likelihood_removes_means_and_states_the_slope():
    table = pd.DataFrame({"action": [1.0, 2.0, 3.0], "minus_log_q": [11.0, 12.0, 13.0], "error": 0.1})
    (axis,) = likelihood({"ve_diffusion": table}, {"ve_diffusion": (0.994, 0.031)}).axes
    np.testing.assert_allclose(axis.containers[0].lines[0].get_xydata(), [[-1, -1], [0, 0], [1, 1]])
    assert line(axis, "fit: 0.99(3)") is not None


def test_effective_action_shows_the_difference_where_the_density_is_large():
    phi = np.linspace(-3, 3, 7)
    parts = [
        pd.DataFrame({"t": t, "phi": phi, "exact": phi**2 / 2, "learned": phi**2 / 2 + 0.01,
                      "density": np.where(np.abs(phi) < 2.5, 0.1, 1e-4)})
        for t in (0.1, 0.3, 0.6, 0.9)
    ]  # fmt: skip
    figure = effective_action(pd.concat(parts), look_of("ve_diffusion", ["ve_diffusion"]))
    assert len(figure.axes) == 8
    difference = figure.axes[4].lines[-1]
    np.testing.assert_allclose(difference.get_ydata(), 0.01)
    assert len(difference.get_xdata()) == 5
    assert span(figure.axes[4]).get_height() == pytest.approx(0.04)


def test_cost_shows_both_prices():
    table = pd.DataFrame(
        {
            "experiment": "phi4_critical",
            "source": ["reference", "ve_diffusion"],
            "seconds_per_independent": [1e-3, 2e-3],
            "seconds_per_independent_with_training": [1e-3, 9e-3],
        }
    )
    axis = cost_ledger(table).axes[0]
    np.testing.assert_allclose(line(axis, "VE diffusion").get_xdata(), [2e-3])
    assert any(np.allclose(drawn.get_xdata(), [9e-3]) for drawn in axis.lines)
    assert axis.get_xscale() == "log"


def test_sources_keep_their_look():
    assert look_of("reference", []).colour == INK
    alone = look_of("vp_diffusion", ["reference", "vp_diffusion"])
    among = look_of("vp_diffusion_metropolis", ["ve_diffusion", "vp_diffusion_metropolis"])
    assert alone[:2] == among[:2]
    sources = ["ve_diffusion", "vp_diffusion", "flow_matching", "my_model"]
    assert len({look_of(source, sources)[:2] for source in sources}) == 4


def test_the_same_figure_gives_the_same_bytes_without_a_date(tmp_path):
    curve = pd.DataFrame({"examples": [1, 2], "loss": [1.0, 0.5], "validation_loss": [0.9, 0.6]})
    for name in ("a.svg", "b.svg"):
        save(training_curves({"m": curve}), tmp_path / name)
    first = (tmp_path / "a.svg").read_bytes()
    assert first == (tmp_path / "b.svg").read_bytes()
    assert b"dc:date" not in first


def test_a_note_follows_its_source_in_every_legend():
    figure = Figure()
    axis = figure.subplots()
    axis.plot([0, 1], label="reference")
    axis.plot([1, 0], label="VE diffusion")
    legend = axis.legend()
    noted(figure, {"reference": "not equilibrated"})
    assert [text.get_text() for text in legend.get_texts()] == [
        "reference (not equilibrated)",
        "VE diffusion",
    ]


def plane():
    """A Gaussian on a grid of 8 x 6 cells, and a model that has it exactly."""
    x, y = np.meshgrid(np.linspace(-2, 2, 8), np.linspace(-1, 1, 6), indexing="ij")
    shares = np.exp(-0.5 * (x**2 + 4 * y**2)).ravel()
    shares /= shares.sum()
    table = {"x": x.ravel(), "y": y.ravel(), "stationary": shares, "reference": shares, "energy": 2 * shares}
    return pd.DataFrame(table | {"exp_energy": shares})


def test_densities_are_shares_over_the_area_of_a_cell():
    table = plane()
    figure = densities(table, ["energy"], lambda z: -z)
    meshes = [axis.collections[0] for axis in figure.axes[:3]]
    drawn = [np.ma.filled(mesh.get_array(), 0.0).reshape(6, 8).T for mesh in meshes]
    cell = (4 / 7) * (2 / 5)
    kept = drawn[0] > 0
    np.testing.assert_allclose(
        drawn[0][kept], (table["stationary"].to_numpy().reshape(8, 6) / cell)[kept], rtol=1e-12
    )
    np.testing.assert_allclose(drawn[2][kept], 2 * drawn[1][kept], rtol=1e-12)
    assert figure.axes[0].get_title() == "stationary law"


def test_energies_start_at_their_minimum():
    figure = energies(plane(), ["energy"])
    known, learned = (figure.axes[0].collections[k] for k in (0, 1))
    np.testing.assert_array_equal(known.levels, learned.levels)
    for own, other in zip(known.get_paths(), learned.get_paths(), strict=True):
        np.testing.assert_allclose(own.vertices, other.vertices, atol=1e-9)


@pytest.mark.parametrize(("trusted", "title"), [(True, "trusted"), (False, "NOT TRUSTED")])
def test_diagnostics_of_complex_langevin_say_their_verdict(trusted, title):
    terms = [
        {"n": n, "cutoff": c, "real": 0.1 * n, "imag": 0.0, "error": 0.01} for n in (2, 4) for c in (0.5, 1)
    ]
    tail = [{"drift": 10.0**k, "share": 10.0**-k} for k in range(4)]
    figure = langevin_diagnostics({"trusted": trusted, "drift_tail": tail, "boundary_terms": terms})
    assert figure.axes[0].get_title() == title
    np.testing.assert_allclose(figure.axes[0].lines[0].get_xydata(), [[10.0**k, 10.0**-k] for k in range(4)])


def test_silver_blaze_shows_pulls_and_opens_what_is_not_trusted():
    rows = [
        {
            "method": method,
            "mu": mu,
            "extent": 8,
            "trusted": trusted,
            "density": density,
            "density_error": error,
        }
        for method, mu, trusted, density, error in (
            ("worldline", 0.5, True, 0.10, 0.03),
            ("worldline", 1.0, True, 0.50, 0.03),
            ("langevin", 0.5, True, 0.20, 0.04),
            ("langevin", 1.0, False, 0.50, 0.04),
        )
    ]
    below = silver_blaze(pd.DataFrame(rows)).axes[1]
    closed, opened = (drawn for drawn in below.lines if drawn.get_marker() == "o")
    np.testing.assert_allclose(closed.get_xydata(), [[0.5, 2.0]])
    np.testing.assert_allclose(opened.get_xydata(), [[1.0, 0.0]], atol=1e-12)
    assert opened.get_markerfacecolor() == "white"


def spectra_table(sources):
    rows = [
        {"observable": name, "source": source, "index": k, "value": scale * k, "error": 1.0}
        for name in ("rapidity_proton", "pt_proton", "pt_covariance")
        for source, scale in sources.items()
        for k in (1, 2)
    ]
    return pd.DataFrame(rows)


def test_spectra_lie_at_the_centres_of_their_bins():
    table = spectra_table({"reference": 10.0})
    for axis, edges, places in (
        ("rapidity", [-1.0, 0.0, 1.0], [-0.5, 0.5]),
        ("pt", [0.0, 0.2, 0.6], [0.1, 0.4]),
    ):
        (only,) = spectra(table, ["reference"], axis, np.array(edges)).axes
        np.testing.assert_allclose(errorbar(only, "reference"), np.column_stack([places, [10.0, 20.0]]))


def test_spectra_of_models_have_ratios():
    table = spectra_table({"reference": 10.0, "heidi": 11.0})
    figure = spectra(table, ["reference", "heidi"], "rapidity", np.array([-1.0, 0.0, 1.0]))
    assert len(figure.axes) == 2
    ratio = figure.axes[1].containers[0].lines[0].get_xydata()
    np.testing.assert_allclose(ratio[:, 1], 1.1)


def test_spectra_of_many_species_share_rows():
    """Seven species: five panels and two, and what is left of the row is empty."""
    names = [name for name in observables("emulant.collisions.observables") if name.startswith("pt_")][1:8]
    rows = spectra_table({"reference": 10.0})
    rows = pd.concat([rows[rows["observable"] == "pt_proton"].assign(observable=name) for name in names])
    axes = spectra(rows, ["reference"], "pt", np.array([0.0, 0.2, 0.6])).axes
    assert [axis.get_visible() for axis in axes] == [True] * 7 + [False] * 3
    assert axes[0].get_title() == "$dN/dp_T(\\mathrm{n})$"


def test_conservation_says_mean_and_deviation_and_marks_the_charges():
    exact = np.tile([0.0, 0.0, 0.0, 948.0, 394.0, 158.0, 0.0], (50, 1))
    loose = exact + np.random.default_rng(1).normal(scale=13.0, size=(50, 7)).round()
    figure = conservation({"reference": exact, "heidi": loose}, {"B": 394, "Q": 158, "S": 0})
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
        {"reference": one, "heidi": two},
        dict.fromkeys(("reference", "heidi"), np.full((3, 3), 0.1)),
    )
    figure = count_correlations(matrices, errors, ["p", "n", r"\pi^+"])
    assert not figure.axes[0].lines
    np.testing.assert_array_equal(figure.axes[1].lines[0].get_xydata(), [[1, 0], [0, 1]])
    assert np.ma.is_masked(figure.axes[0].images[0].get_array()[0, 0])
    assert [text.get_text() for text in figure.axes[1].get_xticklabels()] == ["$p$", "$n$", r"$\pi^+$"]


def test_an_event_is_drawn_once_in_each_plane():
    momenta = np.array([[0.3, 0.4, 0.0, 1.1], [-0.6, 0.0, 0.2, 0.7], [0.1, 0.0, -0.2, 0.6]])
    event = Events(np.array([0]), np.array([3]), np.array([2212, 211, -321]), momenta)
    figure = event_display({"reference": event, "heidi": event})
    above, _, below, _ = figure.axes
    drawn = np.concatenate([points.get_xydata() for points in above.lines])
    np.testing.assert_allclose(np.sort(drawn, axis=0), np.sort(momenta[:, :2], axis=0))
    np.testing.assert_allclose(below.lines[0].get_xydata(), [[0.0, 0.5]])
    assert below.get_legend().get_texts()[0].get_text() == "nucleons (1)"
