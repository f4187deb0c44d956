"""U(1) with loops of two plaquettes: Hybrid Monte Carlo against weighed exact configurations, and what is not declared."""

import numpy as np
import pytest
import torch

from emulant.contracts.declaration import declared_system
from emulant.contracts.study import StudyInputs
from emulant.contracts.system import HasConditions, HasGlobalIdentities, HasLogPartition, HasPlaquettes
from emulant.errors import InputError
from emulant.gauge.chains import LinkChains, LinkTrajectory, starts
from emulant.gauge.exact_sampler import exact_links, exact_plaquettes
from emulant.systems.u1.reference import samplers
from emulant.systems.u1.studies import studies
from emulant.systems.u1.system import U1, WithRectangles, from_settings

BLOCK = {"kind": "u1", "beta": 1.5, "rectangle": 0.25, "shape": [4, 4]}


def measured(system, links):
    view = system.view(links)
    return [view.wilson_loop(1, 1), view.wilson_loop(1, 2), view.wilson_loop(2, 2), view.charge**2]


def test_hybrid_monte_carlo_has_the_law():
    """Plaquette, W(1 x 2), W(2 x 2) and <Q^2> of 4000 chains and of 40,000 exact configurations of beta = 2.3, weighed.

    Within 4.5 errors of both: false alarm 7e-6 each.
    """
    system, free, generator = from_settings(BLOCK), U1(2.3, (4, 4)), np.random.default_rng(5)
    exact = exact_links(exact_plaquettes(free.exact, 40000, generator).angles, (2, 4, 4), generator)
    log_weight = free.action(exact) - system.action(exact)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    links, _ = starts((2, 4, 4), 4000, generator)
    chains = LinkChains(links, system.beta, system.rectangle, seed=6)
    chains.advance(LinkTrajectory.of(system.beta, (2, 4, 4), True, system.rectangle), 40)
    assert 0.1 < chains.shifts.mean() / 40 < 0.9
    for ours, theirs in zip(measured(system, chains.links), measured(system, exact), strict=True):
        expected = weight @ theirs
        error = np.hypot(
            ours.std() / np.sqrt(len(ours)), np.sqrt(((weight * (theirs - expected)) ** 2).sum())
        )
        assert abs(ours.mean() - expected) < 4.5 * error


def test_energies_of_trajectories_are_those_of_the_action():
    """The error of the energy falls like the step squared: with short steps all trajectories are accepted."""
    links, _ = starts((2, 4, 6), 200, np.random.default_rng(7))
    rates = [
        LinkChains(links, 2.0, 0.5, seed=8).advance(LinkTrajectory(steps, 1 / steps, False), 4).mean()
        for steps in (6, 40)
    ]
    assert rates[0] < 0.97 < 0.995 < rates[1]


def test_what_is_declared():
    system = from_settings(BLOCK)
    assert isinstance(system, WithRectangles) and isinstance(system, HasPlaquettes)
    assert not isinstance(system, HasLogPartition) and not isinstance(system, HasGlobalIdentities)
    assert {row["observable"] for row in system.exact_values()} == {"charge", "conjugation", "polyakov_loop"}
    assert system.parameters == {"beta": 1.5, "shape": [4, 4], "rectangle": 0.25}
    assert isinstance(from_settings({**BLOCK, "rectangle": 0}), U1)
    assert isinstance(system, HasConditions) and "beta" in declared_system("u1")["conditions"]
    assert system.at({"beta": 1.0}).parameters == {**system.parameters, "beta": 1.0}
    wrapped, remark = system.admit(np.full((2, 2, 4, 4), 7.0))
    assert "wrapped" in remark and float(np.abs(wrapped).max()) < np.pi


def test_what_needs_exact_configurations_is_refused(tmp_path):
    system = from_settings(BLOCK)
    with pytest.raises(InputError, match=r"system: rectangle: expected 0 for the exact sampler, got 0\.25"):
        samplers["exact"](system, tmp_path / "r.h5", settings={"samples": 64}, seed=1)
    with pytest.raises(InputError, match="rectangle: expected 0 for the study freezing"):
        studies["freezing"](
            system, StudyInputs({"betas": [1.0], "chains": 2, "trajectories": 16}, 1, None, {})
        )


def test_actions_of_tensors_and_arrays_agree():
    links = torch.rand(3, 2, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    system = from_settings(BLOCK)
    np.testing.assert_allclose(system.action(links).numpy(), system.action(links.numpy()), atol=1e-12)
