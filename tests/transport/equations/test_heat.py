"""The heat semigroup: tables by quadrature, Cole and Hopf's average, Burgers, and cumulants that noise leaves alone."""

import math

import numpy as np
import pytest
import torch

from emulant.lattice.action import action as lattice_action
from emulant.scalar.quadrature import two_panels
from emulant.statistics.cumulants import cumulants
from emulant.systems.quartic_well.system import QuarticWell
from emulant.systems.two_peak.system import TwoPeak
from emulant.transport.equations import heat
from emulant.transport.equations.jets import scalar_jet, vector_jet
from tests.transport.equations.laws import quartic, two_peaks

TABLE = [
    ("two peaks", 0.1, 0.3, 2.18663025, -4.00850707),
    ("two peaks", 0.1, 2.0, 3.78047015, 6.15384615),
    ("two peaks", 1.0, 0.3, 1.42284908, 0.02345282),
    ("two peaks", 1.0, 2.0, 2.09007628, 0.98381089),
    ("quartic", 0.1, 0.5, 1.04228336, 0.46763167),
    ("quartic", 0.1, 2.0, 2.94751448, 2.18842358),
    ("quartic", 1.0, 0.5, 1.30166850, 0.26148947),
    ("quartic", 1.0, 2.0, 2.29255852, 1.06749947),
    ("quartic", 10.0, 0.5, 2.12325256, 0.04599939),
    ("quartic", 10.0, 2.0, 2.29575752, 0.18401299),
    ("double well", 0.1, 0.5, 4.90193132, -0.52952503),
    ("double well", 0.1, 2.0, 3.24179775, -1.44389892),
    ("double well", 1.0, 0.5, 4.19932960, -0.70820540),
    ("double well", 1.0, 2.0, 2.72126696, -0.91534439),
    ("double well", 10.0, 0.5, 2.71007648, -0.00958380),
    ("double well", 10.0, 2.0, 2.68737132, -0.01147866),
]
"""Law, tau, phi, S_tau = -log p_tau with its normaliser and u = dS_tau/dphi, by quadrature of another program."""
SYSTEMS = {"two peaks": TwoPeak(), "quartic": QuarticWell(1.0, 0.4), "double well": QuarticWell(-1.0, 0.4)}


class Heat:
    """A path in the time of the heat equation: a = 1, b^2 = tau."""

    def signal(self, tau):
        return 1.0

    def noise(self, tau):
        return math.sqrt(tau)


LAWS = {
    "two peaks": two_peaks(Heat()),
    "quartic": quartic(Heat(), 1.0, 0.4),
    "double well": quartic(Heat(), -1.0, 0.4),
}
POINTS = torch.linspace(-3, 3, 13, dtype=torch.float64)[:, None]


@pytest.mark.parametrize(("name", "tau", "phi", "action", "force"), TABLE)
def test_table(name, tau, phi, action, force):
    system = SYSTEMS[name]
    assert -float(system.log_density(np.array(phi), 1.0, math.sqrt(tau))) == pytest.approx(action, abs=1e-6)
    assert -float(system.score(np.array(phi), 1.0, math.sqrt(tau))) == pytest.approx(force, abs=1e-6)
    x = torch.tensor([[phi]], dtype=torch.float64)
    assert float(LAWS[name].action(x, tau)) == pytest.approx(action, abs=1e-6)
    assert -float(LAWS[name].score(x, tau).detach()) == pytest.approx(force, abs=1e-6)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("tau", [0.3, 2.0])
def test_equations(name, tau):
    """Action, Burgers and velocity form; one hundredth more force obeys none of the latter two."""
    law = LAWS[name]

    def forced(scale):
        return vector_jet(lambda x, t: -scale * law.score(x, t), POINTS, tau)

    jet = scalar_jet(law.action, POINTS, tau)
    assert float(heat.action_residual(jet).abs().max()) < 1e-7 * float(jet.slope.abs().max())
    for scale, residual in ((1.0, heat.burgers_residual), (0.5, heat.velocity_residual)):
        right, wrong = forced(scale), forced(1.01 * scale)
        size = float(right.slope.abs().max())
        assert float(residual(right).abs().max()) < 1e-6 * size
        assert float(residual(wrong).abs().max()) > 1e-3 * size


def test_cole_and_hopf_on_a_lattice():
    """phi^4 on 2 x 3 against a finer average of other draws: to four errors of 10^5 draws, false alarm 1e-4."""
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(3, 2, 3, generator=generator, dtype=torch.float64)

    def action(fields):
        return lattice_action(fields, 0.2, 0.1)

    def average(draws):
        return heat.cole_hopf(
            action, x, 0.05, torch.randn(draws, 2, 3, generator=generator, dtype=torch.float64)
        )

    parts = torch.stack([average(5_000) for _ in range(20)])
    error = parts.std(0) / math.sqrt(20)
    assert bool(((average(100_000) - parts.mean(0)).abs() < 4 * math.sqrt(2) * error).all())
    assert bool((parts.mean(0) - action(x)).abs().max() > 20 * error.max())


@pytest.mark.parametrize("name", SYSTEMS)
def test_cole_and_hopf_at_a_site(name):
    """The average over the nodes of a quadrature is the law by the other variable of the integral."""
    system, tau = SYSTEMS[name], 0.5
    nodes, weights = two_panels(12.0)
    phi = POINTS[:, 0].numpy()
    moved = phi[:, None] + math.sqrt(tau) * nodes
    normal = weights * np.exp(-0.5 * nodes**2) / math.sqrt(2 * math.pi)
    exact = -np.log((normal * np.exp(-system.potential(moved))).sum(1))
    difference = exact + system.log_density(phi, 1.0, math.sqrt(tau))
    np.testing.assert_allclose(difference - difference[0], 0, atol=1e-10)


@pytest.mark.parametrize("name", SYSTEMS)
def test_cumulants_beyond_the_second_are_conserved(name):
    """Moments of exp(-S_tau) by quadrature: kappa_2 grows by tau, kappa_4, 6, 8 stay; under half the force they do not."""
    nodes, weights = two_panels(40.0)
    start = SYSTEMS[name].cumulants()

    def at(tau, fraction=1.0):
        """The law of x_0 + sqrt(tau) z, its signal kept in part."""
        density = np.exp(SYSTEMS[name].log_density(nodes, fraction, math.sqrt(tau)))
        return cumulants(np.array([float(weights @ (nodes**n * density)) for n in range(1, 9)]))

    for tau in (0.3, 3.0):
        moved = at(tau)
        assert moved[1] == pytest.approx(start[1] + tau, rel=1e-9)
        np.testing.assert_allclose(moved[3::2], start[3::2], rtol=1e-6)
        assert abs(at(tau, 0.99)[3] / start[3] - 1) > 0.03
