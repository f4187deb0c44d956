"""Independence Metropolis against a discrete target whose law is known."""

import numpy as np
import pytest

from emulant.transport.independence import independence_metropolis

TARGET = np.array([0.1, 0.2, 0.3, 0.4])
PROPOSAL = np.array([0.4, 0.3, 0.2, 0.1])
WEIGHT = TARGET / PROPOSAL


def transitions(count=40_000, seed=1):
    """Numbers of moves from state to state of a chain over proposals, (4, 4), and its acceptance."""
    states = np.random.default_rng(seed).choice(4, count, p=PROPOSAL)
    chain = independence_metropolis(np.log(WEIGHT)[states], np.random.default_rng(seed + 1))
    visited = states[chain.index]
    moves = np.zeros((4, 4))
    np.add.at(moves, (visited[:-1], visited[1:]), 1)
    return moves, chain


def test_transition_probabilities_obey_detailed_balance():
    """The kernel q(j) min(1, w_j/w_i) is met within 4.5 errors, and it has the target as its law."""
    moves, _ = transitions()
    exact = PROPOSAL * np.minimum(1, WEIGHT / WEIGHT[:, None])
    np.fill_diagonal(exact, 0)
    np.fill_diagonal(exact, 1 - exact.sum(axis=1))
    np.testing.assert_allclose(TARGET[:, None] * exact, (TARGET[:, None] * exact).T, atol=1e-15)
    visits = moves.sum(axis=1, keepdims=True)
    error = np.sqrt(exact * (1 - exact) / visits)
    assert (np.abs(moves / visits - exact) < 4.5 * error + 1e-12).all()
    np.testing.assert_allclose(visits[:, 0] / visits.sum(), TARGET, atol=0.02)


def test_the_acceptance_is_the_mean_over_both_laws():
    _, chain = transitions()
    exact = sum(TARGET[i] * PROPOSAL[j] * min(1, WEIGHT[j] / WEIGHT[i]) for i in range(4) for j in range(4))
    assert chain.acceptance == pytest.approx(exact, abs=0.02)
    assert (np.diff(chain.index) >= 0).all() and chain.index[0] == 0


def test_a_proposal_of_no_weight_is_left_and_never_entered():
    log_weight = np.array([-np.inf, -np.inf, 0.0, -np.inf])
    chain = independence_metropolis(log_weight, np.random.default_rng(1))
    assert chain.index.tolist()[2:] == [2, 2]
    assert np.isnan(independence_metropolis(np.zeros(1), np.random.default_rng(1)).acceptance)
