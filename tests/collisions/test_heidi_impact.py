"""Between the impact parameters of training events: weights of a smooth curve, and momenta that follow it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from emulant.families._slots import masses_in
from emulant.families.heidi.gaussian import KindMaps
from emulant.families.heidi.impact import curve_weights, groups_of
from emulant.families.heidi.kinds import COLD, KINDS, kinds_of
from emulant.families.heidi.momenta import Momenta

from .conftest import stand_in

KNOTS = np.array([1.0, 3.0, 5.0])


def test_weights_are_exact_for_a_parabola_and_stay_inside():
    impact = np.array([1.0, 2.0, 3.0, 4.0, 4.9, 5.0])
    weights = curve_weights(KNOTS, impact)
    for power in range(3):
        np.testing.assert_allclose(weights @ KNOTS**power, impact**power, atol=1e-12)
    np.testing.assert_allclose(curve_weights(KNOTS, np.array([0.0, 9.0])), [[1, 0, 0], [0, 0, 1]], atol=1e-12)
    np.testing.assert_array_equal(curve_weights(KNOTS[:1], impact), np.ones((6, 1)))
    np.testing.assert_allclose(curve_weights(KNOTS[:2], np.array([1.5])), [[0.75, 0.25]])


@pytest.fixture(scope="module")
def maps():
    """Tables of one impact parameter, with transverse momenta once, twice and five times as large at three of them."""
    events = stand_in((1.0, 1.0))
    one = KindMaps.fit(events, masses_in(events))
    tables = {name: np.concatenate([getattr(one, name)] * 3) for name in ("rapidity", "flow")}
    pt = np.concatenate([one.pt, 2 * one.pt, 5 * one.pt])
    return replace(one, knots=KNOTS, pt=pt, **tables)


def test_tables_of_a_group_and_of_one_frequent_impact_parameter():
    """Where most events have one impact parameter, their groups are one, and none is left out."""
    impact = np.concatenate([np.full(900, 3.0), np.linspace(0, 2, 50), np.linspace(4, 5, 50)])
    groups, knots = groups_of(impact)
    assert np.all(np.diff(knots) > 0)
    np.testing.assert_array_equal(np.sort(np.concatenate(groups)), np.arange(1000))


def test_decoded_momenta_are_the_encoded_ones_between_impact_parameters():
    """Events of any impact parameter, in three groups: each has the tables of its own."""
    events = stand_in((0.0, 4.0), 320)
    fitted = KindMaps.fit(events, masses_in(events))
    assert len(fitted.knots) == 3
    normal = fitted.encode(events, np.random.default_rng(1))
    momenta, owner = Momenta(fitted), np.repeat(np.arange(len(events)), events.counts)
    weights = momenta.weights(events.facts["impact_parameter"])[owner]
    kinds = torch.from_numpy(kinds_of(events, float(fitted.beam)))[:, None]
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
    numbers = np.bincount(kinds_of(events, float(fitted.beam)), minlength=KINDS)[COLD]
    assert (numbers < 100).all() and (numbers > 0).all()
    middle = fitted.rapidity[COLD, 0, fitted.rapidity.shape[-1] // 2]
    np.testing.assert_allclose(middle, fitted.beam * np.array([1, -1, 1, -1]), atol=0.1)


def test_momenta_follow_the_curve(maps):
    """At 4 fm by -1/8, 3/4 and 3/8 of the three; rapidities and azimuths, the same at all, stay."""
    momenta, generator = Momenta(maps), torch.Generator().manual_seed(1)
    normal = torch.randn(1, 500, 3, generator=generator, dtype=torch.float64)
    kinds = torch.full((1, 500), 20)
    one, between = (momenta(momenta.weights(np.array([b])), kinds, normal)[0].numpy() for b in (1.0, 4.0))
    np.testing.assert_allclose(between[:, :2], (-1 / 8 + 3 / 4 * 2 + 3 / 8 * 5) * one[:, :2], rtol=1e-9)
    rapidity = [np.arctanh(p[:, 2] / p[:, 3]) for p in (one, between)]
    np.testing.assert_allclose(rapidity[0], rapidity[1], atol=1e-9)


def test_flow_follows_the_curve(maps):
    """v_1 of a kind is 0, 0.1 and 0 at the three impact parameters, and 0.075 at 4 fm; 4 errors."""
    flow = np.zeros_like(maps.flow).reshape(3, -1, maps.flow.shape[1])
    flow[1, 20, 0] = 0.1
    momenta = Momenta(replace(maps, flow=flow.reshape(maps.flow.shape)))
    normal = torch.randn(1, 100_000, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    generated = momenta(momenta.weights(np.array([4.0])), torch.full((1, 100_000), 20), normal)[0].numpy()
    cosine = generated[:, 0] / np.hypot(generated[:, 0], generated[:, 1])
    # v_1 is that times the root of the rank of pT, of mean 2/3.
    assert abs(cosine.mean() - 0.05) < 4 * cosine.std() / 100_000**0.5
