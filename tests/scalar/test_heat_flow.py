"""The flow of the effective action of one variable: tables of two wells and two peaks, and the sampler that it is."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from emulant.scalar import heat_flow
from emulant.scalar.heat_flow import HeatFlow
from emulant.systems.quartic_well.system import QuarticWell
from emulant.systems.two_peak.system import TwoPeak
from tests.transport.equations.test_heat import SYSTEMS, TABLE

SIZES = {
    "quartic": {"variance": 1.0, "reach": 6.0, "points": 64},
    "double well": {"variance": 5.0, "reach": 8.0, "points": 128},
    "two peaks": {"variance": 0.4, "reach": 2.5, "points": 224},
}
LOG_Z = {name: SYSTEMS[name].log_partition_function for name in ("quartic", "double well")} | {
    "two peaks": 0.0
}


@pytest.mark.parametrize("name", SIZES)
def test_table(name):
    rows = [row for row in TABLE if row[0] == name]
    flow, taus = HeatFlow(SYSTEMS[name].potential, **SIZES[name]), sorted({row[1] for row in rows})
    interactions = dict(zip(taus, flow.interactions(taus), strict=True))
    for _, tau, phi, action, force in rows:
        at = (np.array([phi]), tau, interactions[tau])
        assert flow.action(*at)[0] + LOG_Z[name] == pytest.approx(action, abs=1e-6)
        assert flow.force(*at)[0] == pytest.approx(force, abs=1e-6)


def test_curvature_is_the_slope_of_the_force():
    system, step = QuarticWell(-1.0, 0.4), 1e-4
    flow = HeatFlow(system.potential, **SIZES["double well"])
    (u,) = flow.interactions([0.5])
    phi = np.linspace(-3, 3, 7)
    slope = (flow.force(phi + step, 0.5, u) - flow.force(phi - step, 0.5, u)) / (2 * step)
    np.testing.assert_allclose(flow.curvature(phi, 0.5, u), slope, atol=1e-6)


def log_weights(flow, system, steps=120, last=1e4, nodes=61):
    """Ln w of the probability flow from a Gaussian at tau = `last`, and the normal weights of its nodes."""
    z = np.linspace(-4.5, 4.5, nodes)
    depths = np.linspace(math.log1p(10 * last), 0.0, 2 * steps + 1)
    taus = np.expm1(depths) / 10
    interactions = flow.interactions([*taus[::-1]])[::-1]
    spread = math.sqrt(system.moments()[1] + last)
    phi, log_q = spread * z, -0.5 * z**2 - 0.5 * math.log(2 * math.pi) - math.log(spread)

    def rate(x, k):
        at = (x, taus[k], interactions[k])
        return 0.5 * (taus[k] + 0.1) * flow.force(*at), -0.5 * (taus[k] + 0.1) * flow.curvature(*at)

    for k in range(0, 2 * steps, 2):
        h = depths[k + 2] - depths[k]
        one, a = rate(phi, k)
        two, b = rate(phi + h / 2 * one, k + 1)
        three, c = rate(phi + h / 2 * two, k + 1)
        four, d = rate(phi + h * three, k + 2)
        phi, log_q = phi + h / 6 * (one + 2 * two + 2 * three + four), log_q + h / 6 * (a + 2 * b + 2 * c + d)
    share = np.exp(-0.5 * z**2)
    return -system.potential(phi) - log_q, share / share.sum()


@pytest.mark.parametrize("name", ["quartic", "double well"])
def test_the_probability_flow_samples_the_action(name):
    """Effective fraction above 1 - 10^-6, ln Z to 10^-6; the law at tau = 10^4 is a Gaussian to that."""
    flow, system = HeatFlow(SYSTEMS[name].potential, **SIZES[name]), SYSTEMS[name]
    log_weight, share = log_weights(flow, system)
    weight = np.exp(log_weight - system.log_partition_function)
    assert share @ weight == pytest.approx(1, abs=1e-6)
    assert 1 - (share @ weight) ** 2 / (share @ weight**2) < 1e-6


def test_an_interval_that_is_too_short_is_seen():
    """Half of the two wells are outside: the table is missed."""
    flow = HeatFlow(SYSTEMS["double well"].potential, 5.0, 5.0, 64)
    (u,) = flow.interactions([10.0])
    assert abs(flow.action(np.array([2.0]), 10.0, u)[0] + LOG_Z["double well"] - 2.68737132) > 1e-5


def test_what_cannot_be_solved_is_said(monkeypatch):
    failed = SimpleNamespace(success=False, message="the step is too small")
    monkeypatch.setattr(heat_flow, "solve_ivp", lambda *args, **settings: failed)
    with pytest.raises(ValueError, match=r"a solution until tau = 10\.0, got the step is too small"):
        HeatFlow(lambda phi: phi**4, 1.0, 3.0, 12).interactions([10.0])


def test_two_peaks_keep_their_distance():
    """u = S' is zero at phi = 0 by symmetry and falls to the peaks, before they merge at tau = mu^2 - sigma^2."""
    flow = HeatFlow(TwoPeak().potential, **SIZES["two peaks"])
    early, late = flow.interactions([0.1, 3.0])
    assert flow.curvature(np.zeros(1), 0.1, early)[0] < 0 < flow.curvature(np.zeros(1), 3.0, late)[0]
