"""Histograms are normalised densities with calibrated errors."""

import numpy as np
import pytest
from scipy import stats

from emulant.judging.histograms import Histograms, common_edges
from emulant.scalar.fields import Fields
from emulant.systems.phi4.system import Phi4


def filled(phi, weight=None, chunks=3):
    system = Phi4(0.0, 0.0, phi.shape[1:])
    histograms = Histograms(common_edges(Fields(phi, system)))
    weight = np.ones(len(phi)) if weight is None else weight
    block = np.arange(len(phi)) * 128 // len(phi)
    for part in np.array_split(np.arange(len(phi)), chunks):
        histograms(Fields(phi[part], system), block[part], weight[part])
    return histograms.rows()


def test_densities_integrate_to_one():
    rows = filled(np.random.default_rng(1).normal(size=(1000, 4, 4)))
    total = (rows["density"] * (rows["right"] - rows["left"])).groupby(rows["quantity"]).sum()
    assert set(total.index) == {"phi", "M", "S"}
    assert total.to_numpy() == pytest.approx(1)


def test_density_of_the_decoupled_field():
    """At kappa = lambda = 0 each site is N(0, 1/2): chi^2 of the bins with 20 expected counts, p > 1e-3."""
    phi = np.random.default_rng(2).normal(scale=np.sqrt(0.5), size=(4096, 4, 4))
    rows = filled(phi).query("quantity == 'phi'")
    norm = stats.norm(scale=np.sqrt(0.5))
    exact = (norm.cdf(rows["right"]) - norm.cdf(rows["left"])) / (rows["right"] - rows["left"])
    enough = exact * (rows["right"] - rows["left"]) * phi.size > 20
    pulls = ((rows["density"] - exact) / rows["error"])[enough]
    assert stats.chi2.sf((pulls**2).sum() / (1 + 2 / 127), enough.sum()) > 1e-3
    assert (pulls**2).mean() > 0.5


def test_weights_move_the_histogram():
    phi = np.random.default_rng(3).normal(size=(20000, 1))
    rows = filled(phi, weight=np.exp(phi[:, 0] - 0.5)).query("quantity == 'phi'")
    mean = ((rows["left"] + rows["right"]) / 2 * rows["density"] * (rows["right"] - rows["left"])).sum()
    assert mean == pytest.approx(1, abs=0.06)


def test_a_single_site_has_no_magnetisation():
    assert set(filled(np.random.default_rng(4).normal(size=(300, 1)))["quantity"]) == {"phi", "S"}


def test_a_view_without_quantities_has_no_distributions():
    """An ensemble of inputs and outputs, say, is measured all the same."""
    histograms = Histograms(common_edges(object()))
    histograms(object(), np.zeros(3, dtype=int), np.ones(3))
    assert histograms.rows().empty and list(histograms.rows()) == [
        "quantity",
        "left",
        "right",
        "density",
        "error",
    ]
