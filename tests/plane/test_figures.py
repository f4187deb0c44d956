"""Densities and energies in the plane, drawn from tables whose numbers are known."""

import numpy as np
import pandas as pd

from emulant.contracts.source import REFERENCE, Source
from emulant.plane.figures import densities, energies

ENERGY = Source("energy")


def plane():
    """A Gaussian on a grid of 8 x 6 cells, and a model that has it exactly."""
    x, y = np.meshgrid(np.linspace(-2, 2, 8), np.linspace(-1, 1, 6), indexing="ij")
    shares = np.exp(-0.5 * (x**2 + 4 * y**2)).ravel()
    shares /= shares.sum()
    table = {"x": x.ravel(), "y": y.ravel(), "stationary": shares, "reference": shares, "energy": 2 * shares}
    return pd.DataFrame(table | {"exp_energy": shares})


def test_densities_are_shares_over_the_area_of_a_cell():
    table = plane()
    figure = densities(table, [REFERENCE, ENERGY], lambda z: -z)
    meshes = [axis.collections[0] for axis in figure.axes[:3]]
    drawn = [np.ma.filled(mesh.get_array(), 0.0).reshape(6, 8).T for mesh in meshes]
    cell = (4 / 7) * (2 / 5)
    filled = drawn[0] > 0
    np.testing.assert_allclose(
        drawn[0][filled], (table["stationary"].to_numpy().reshape(8, 6) / cell)[filled], rtol=1e-12
    )
    np.testing.assert_allclose(drawn[2][filled], 2 * drawn[1][filled], rtol=1e-12)
    assert figure.axes[0].get_title() == "stationary law"


def test_points_beyond_the_frame_are_counted_above_it():
    figure = densities(plane(), [REFERENCE, ENERGY], None, {"reference": 0.0, "energy": 0.031})
    titles = [axis.get_title() for axis in figure.axes[:3]]
    assert titles == ["stationary law", "histogram: reference", "histogram: energy\n3.1 % beyond the frame"]


def test_energies_start_at_their_minimum():
    figure = energies(plane(), [ENERGY])
    exact, learned = (figure.axes[0].collections[k] for k in (0, 1))
    np.testing.assert_array_equal(exact.levels, learned.levels)
    for contour, learned_contour in zip(exact.get_paths(), learned.get_paths(), strict=True):
        np.testing.assert_allclose(contour.vertices, learned_contour.vertices, atol=1e-9)
