"""Between the conditions of training events: weights of a smooth surface, and momenta that follow it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.families._slots import masses_in
from emulant.families.heidi.flow_between import DIRECTED
from emulant.families.heidi.gaussian import KindMaps
from emulant.families.heidi.grid import Grid, groups_of
from emulant.families.heidi.kinds import COLD, KINDS, kinds_of, points_of
from emulant.families.heidi.momenta import Momenta

from .conftest import stand_in

KNOTS = np.array([1.0, 3.0, 5.0])


def nodes(impact, beam):
    """Conditions at impact parameters (n,) and one beam, (n, 2)."""
    return np.column_stack([impact, np.full(len(impact), beam)])


def test_weights_are_exact_for_parabolas_and_stay_inside():
    """Products of parabolas in b^2 and of straight lines in the rapidity of the nuclei, with one knot and with several."""
    grid, generator = Grid((KNOTS, np.array([1.2, 1.9]))), np.random.default_rng(1)
    points = np.column_stack([generator.uniform(1, 5, 50), generator.uniform(1.2, 1.9, 50)])
    for power, line in product(range(3), range(2)):
        values = grid.nodes[:, 0] ** (2 * power) * grid.nodes[:, 1] ** line
        expected = points[:, 0] ** (2 * power) * points[:, 1] ** line
        np.testing.assert_allclose(grid.weights(points) @ values, expected, rtol=1e-12)
    outside = grid.weights(np.array([[0.0, 0.0], [9.0, 9.0]]))
    np.testing.assert_allclose(outside, [[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]], atol=1e-12)
    one = Grid((KNOTS[:1], KNOTS[:1]))
    np.testing.assert_array_equal(one.weights(points), np.ones((50, 1)))


def test_corners_are_a_multilinear_mean():
    grid = Grid((KNOTS, np.array([1.2, 1.5, 1.9])))
    index, weight = grid.corners(np.array([[4.0, 1.6], [1.0, 1.9]]))
    mean = np.einsum("nc,ncd->nd", weight, grid.nodes[index] ** [2, 1])
    np.testing.assert_allclose(mean, [[16.0, 1.6], [1.0, 1.9]])
    assert (weight >= 0).all() and weight.shape == (2, 4)
    assert Grid((KNOTS, KNOTS[:1])).corners(np.array([[4.0, 1.0]]))[0].tolist() == [[1, 2]]


def test_a_combination_without_events_is_said():
    with pytest.raises(InputError, match=r"every combination, got none at 3, 1\.9"):
        groups_of(np.array([[1.0, 1.2], [1.0, 1.9], [3.0, 1.2]]))


@pytest.fixture(scope="module")
def maps():
    """Tables of one impact parameter, with transverse momenta once, twice and five times as large at three of them.

    Without directed flow, which is odd in b and so not the same at all.
    """
    events = stand_in((1.0, 1.0))
    one = KindMaps.fit(events, masses_in(events))
    tables = {name: np.concatenate([getattr(one, name)] * 3) for name in ("rapidity", "flow")}
    tables["flow"][:, :DIRECTED] = 0
    pt = np.concatenate([one.pt, 2 * one.pt, 5 * one.pt])
    return replace(one, nodes=nodes(KNOTS, one.nodes[0, 1]), pt=pt, **tables)


def test_tables_of_a_group_and_of_one_frequent_impact_parameter():
    """Where most events have one impact parameter, their groups are one, and none is left out."""
    impact = np.concatenate([np.full(900, 3.0), np.linspace(0, 2, 50), np.linspace(4, 5, 50)])
    groups, grid = groups_of(nodes(impact, 1.5))
    assert np.all(np.diff(grid.axes[0]) > 0) and grid.axes[1].tolist() == [1.5]
    np.testing.assert_array_equal(np.sort(np.concatenate(groups)), np.arange(1000))


def test_decoded_momenta_are_the_encoded_ones_between_impact_parameters():
    """Events of any impact parameter, in three groups: each has the tables of its own."""
    events = stand_in((0.0, 4.0), 320)
    fitted = KindMaps.fit(events, masses_in(events))
    assert len(fitted.nodes) == 3
    normal = fitted.encode(events, np.random.default_rng(1))
    momenta, owner = Momenta(fitted), np.repeat(np.arange(len(events)), events.counts)
    weights = momenta.weights(points_of(events, fitted.beams(events)))[owner]
    kinds = torch.from_numpy(kinds_of(events, fitted.beams(events)))[:, None]
    back = momenta(weights, kinds, torch.from_numpy(normal)[:, None])[:, 0].numpy()
    # Beyond the outermost quantiles there is no way back.
    assert (np.abs(back - events.momenta) > 1e-6).mean() < 0.02
    hadrons = (events.pt > 0) & (events.species >= 18)
    for axis in range(3):
        assert abs(normal[hadrons, axis].std() - 1) < 0.04


def test_few_cold_nucleons_stay_cold():
    """In twelve events of light nuclei there are some fifty of each kind; each keeps its side and its transverse momenta."""
    events = stand_in((1.0, 1.0), 12)
    fitted = KindMaps.fit(events, masses_in(events))
    numbers = np.bincount(kinds_of(events, fitted.beams(events)), minlength=KINDS)[COLD]
    assert (numbers < 100).all() and (numbers > 0).all()
    middle = fitted.rapidity[COLD, 0, fitted.rapidity.shape[-1] // 2]
    np.testing.assert_allclose(middle, fitted.nodes[0, 1] * np.array([1, -1, 1, -1]), atol=0.1)


def test_momenta_follow_the_curve(maps):
    """At 4 fm by a parabola in b^2 through the three; rapidities and azimuths, the same at all, stay."""
    momenta, generator = Momenta(maps), torch.Generator().manual_seed(1)
    normal = torch.randn(1, 500, 3, generator=generator, dtype=torch.float64)
    kinds = torch.full((1, 500), 20)
    one, between = (
        momenta(momenta.weights(nodes(np.array([b]), maps.nodes[0, 1])), kinds, normal)[0].numpy()
        for b in (1.0, 4.0)
    )
    np.testing.assert_allclose(
        between[:, :2], (-21 / 64 + 135 / 128 * 2 + 35 / 128 * 5) * one[:, :2], rtol=1e-9
    )
    rapidity = [np.arctanh(p[:, 2] / p[:, 3]) for p in (one, between)]
    np.testing.assert_allclose(rapidity[0], rapidity[1], atol=1e-9)


def polynomials(impact):
    """Coefficients of a directed flow odd in b and of an elliptic flow even in b, of fifth and fourth degree, (n,) each."""
    return 0.03 * impact - 2e-3 * impact**3 + 4e-5 * impact**5, 0.01 * impact**2 - 2e-4 * impact**4


@pytest.mark.parametrize(
    ("knots", "impact"), [(KNOTS, 4.0), (KNOTS, 1.3), (KNOTS - 1, 4.0), (KNOTS[:1], 1.0)]
)
def test_directed_flow_is_odd_and_elliptic_flow_even_in_the_impact_parameter(maps, knots, impact):
    """Means of cos phi and cos 2 phi, integrated over the angle, are v_1 and v_2 of the polynomials at any b.

    Of three knots with b = 0 two are left for v_1 / b, a straight line in b^2: then v_1 is of third degree.
    """
    rank, angles = 0.5, 2 * np.pi * (np.arange(96) + 0.5) / 96 - np.pi
    directed, elliptic = polynomials(np.array([*knots, impact]))
    if knots[0] == 0:
        directed += -4e-5 * np.array([*knots, impact]) ** 5
    flow = np.zeros((len(knots), KINDS, maps.flow.shape[1]))
    flow[:, 20, 0], flow[:, 20, DIRECTED] = directed[:-1], elliptic[:-1]
    tables = {name: getattr(maps, name)[: len(knots) * KINDS] for name in ("pt", "rapidity")}
    beam = maps.nodes[0, 1]
    fitted = replace(maps, nodes=nodes(knots, beam), flow=flow.reshape(-1, flow.shape[2]), **tables)
    radius = np.sqrt(-2 * np.log(1 - rank))
    normal = radius * np.column_stack([np.cos(angles), np.sin(angles), 0 * angles])
    momenta = Momenta(fitted)
    weights = momenta.weights(nodes(np.array([impact]), beam))
    generated = momenta(weights, torch.full((1, 96), 20), torch.from_numpy(normal)[None])[0].numpy()
    phi = np.arctan2(generated[:, 1], generated[:, 0])
    expected = [directed[-1] * rank**0.5, elliptic[-1] * rank]
    np.testing.assert_allclose([np.cos(phi).mean(), np.cos(2 * phi).mean()], expected, rtol=1e-9)
