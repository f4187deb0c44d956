"""Hybrid Monte Carlo of any action: exact moments, detailed balance, restarts."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.integrate import quad

from emulant.errors import InputError
from emulant.forms.hybrid import sample_hybrid
from emulant.lattice.trajectory import Trajectory
from emulant.scalar.hybrid_chains import HybridChains, starts
from emulant.storage.ensemble import open_ensemble


@dataclass
class Oscillators:
    """S = sum_i [x_i^4 / 4 + (x_{i+1} - x_i)^2 stiffness / 2] on a ring."""

    stiffness: float
    site_shape: tuple[int, ...]
    kind: str = "two_peak"
    parameters: dict = field(default_factory=dict)

    def action(self, fields):
        apart = np.roll(fields, -1, 1) - fields
        return (fields**4 / 4 + self.stiffness * apart**2 / 2).sum(1)

    def gradient(self, fields):
        around = np.roll(fields, -1, 1) + np.roll(fields, 1, 1)
        return fields**3 + self.stiffness * (2 * fields - around)


def chains_of(system, count=512):
    fields, _ = starts(count, system.site_shape, np.random.default_rng(1))
    return HybridChains(system, fields, seed=2)


def test_moments_of_one_site_are_those_of_quadrature(tmp_path):
    """<x^2> and <x^4> = 1 (Schwinger-Dyson) of exp(-x^4/4), within 4 errors of independent chains: false alarm 1e-4."""
    system, path = Oscillators(0.0, (3,)), tmp_path / "quartic.h5"
    record = sample_hybrid(system, path, settings={"samples": 8192}, seed=3, checkpoint=tmp_path / "c.npz")
    assert record["equilibrated"] and record["acceptance"] > 0.8
    with open_ensemble(path) as ensemble:
        fields, chain = ensemble.read().astype(float), ensemble.chain
    norm, square = (quad(lambda x, n=n: x**n * np.exp(-(x**4) / 4), -9, 9)[0] for n in (0, 2))
    for values, exact in ((fields**2, square / norm), (fields**4, 1.0)):
        of_chains = np.array([values[chain == number].mean() for number in np.unique(chain)])
        error = of_chains.std(ddof=1) / np.sqrt(len(of_chains))
        assert abs(of_chains.mean() - exact) < 4 * error < 0.1


@pytest.mark.parametrize("factor", [0.75, -1.0, np.nan])
def test_a_gradient_of_another_action_is_refused_before_any_chain(tmp_path, factor):
    """The quartic term's gradient with a wrong coefficient; the right one passes in the tests above."""

    class Wrong(Oscillators):
        def gradient(self, fields):
            return super().gradient(fields) + (factor - 1) * fields**3

    with pytest.raises(InputError, match=r"gradient: expected dS/dphi of its action, .* at site \(\d,\)"):
        sample_hybrid(
            Wrong(0.5, (6,)), tmp_path / "x.h5", settings={"samples": 512}, seed=3, checkpoint=tmp_path / "c"
        )
    assert not (tmp_path / "x.h5").exists()


def test_a_trajectory_runs_back():
    """With momenta reversed, at one step size for all: to rounding errors."""
    chains = chains_of(Oscillators(0.5, (6,)), 8)
    start, drifts = chains.phi, Trajectory(10, 0.1).drifts()
    momenta = np.random.default_rng(4).standard_normal(start.shape)
    chains.phi, ended = chains._integrated(momenta, np.full((8, 1), 0.1), drifts)
    assert np.abs(chains.phi - start).max() > 0.1
    back, reversed_momenta = chains._integrated(-ended, np.full((8, 1), 0.1), drifts)
    np.testing.assert_allclose(back, start, atol=1e-12)
    np.testing.assert_allclose(reversed_momenta, -momenta, atol=1e-12)


@pytest.mark.parametrize("step", [0.2, 0.6])
def test_acceptance_is_that_of_detailed_balance(step):
    """<exp(-dH)> = 1 at any step (Creutz): momenta of the energy's change against 1, within 4 errors."""
    chains = chains_of(Oscillators(0.5, (4,)), 4096)
    chains.advance(Trajectory(4, 0.2), 60)
    rng = np.random.default_rng(5)
    momenta = rng.standard_normal(chains.phi.shape)
    after, ended = chains._integrated(momenta, np.full((4096, 1), step), Trajectory(4, step).drifts())
    weights = np.exp(chains._energy(chains.phi, momenta) - chains._energy(after, ended))
    assert weights.std() > 1e-3
    assert abs(weights.mean() - 1) < 4 * weights.std() / np.sqrt(len(weights))


def test_chains_go_on_bit_for_bit():
    system, update = Oscillators(0.5, (4,)), Trajectory(4, 0.2)
    whole, halves = chains_of(system, 16), chains_of(system, 16)
    whole.advance(update, 6)
    halves.advance(update, 3)
    state = halves.state()
    other = chains_of(system, 16)
    other.restore(state)
    other.advance(update, 3)
    np.testing.assert_array_equal(other.phi, whole.phi)
