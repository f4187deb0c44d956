"""The Gamma method against AR(1), whose tau_int = (1 + a) / (1 - a) / 2 is known."""

import numpy as np
import pytest

from emulant.statistics.autocorrelation import gamma_error, integrated_time, split_chains


def autoregressive(rng, a, chains, n):
    """AR(1) in equilibrium: unit variance, rho(t) = a^t."""
    x = np.empty((chains, n))
    x[:, 0] = rng.normal(size=chains)
    for t in range(1, n):
        x[:, t] = a * x[:, t - 1] + np.sqrt(1 - a**2) * rng.normal(size=chains)
    return x


@pytest.mark.parametrize("a", [0.0, 0.5, 0.9])
def test_tau_of_autoregressive_chains(a):
    tau, error = integrated_time(autoregressive(np.random.default_rng(1), a, 64, 500))
    exact = 0.5 * (1 + a) / (1 - a)
    assert abs(tau - exact) < 4 * error + 0.02
    assert error < 0.15 * exact


def test_frozen_chains_count_as_one_each():
    """Chains that differ by a constant only: tau grows with the length, unlike with per-chain means."""
    frozen = np.repeat(np.random.default_rng(2).normal(size=(64, 1)), 50, axis=1)
    assert integrated_time(frozen)[0] > 15


def test_constant_series():
    assert integrated_time(np.ones((4, 20))) == (0.5, 0.0)


def test_short_chains_are_refused():
    with pytest.raises(ValueError, match="at least 5"):
        integrated_time(np.zeros((10, 3)))


def test_error_of_a_ratio_is_the_spread_over_repetitions():
    """<x^4>/<x^2>^2 over 60 repetitions: mean pull squared is 1 within 4 sigma (sqrt(2/60) = 0.18)."""
    rng = np.random.default_rng(3)
    pulls = []
    for _ in range(60):
        x = autoregressive(rng, 0.7, 8, 400)
        result = gamma_error(
            list(np.stack([x**2, x**4], axis=-1)), lambda m: (m[..., 1] / m[..., 0] ** 2)[..., None]
        )
        pulls.append((result.value[0] - 3) / result.error[0])
    assert abs(np.mean(np.square(pulls)) - 1) < 4 * np.sqrt(2 / 60)


def test_joint_propagation_cancels_common_fluctuations():
    x = autoregressive(np.random.default_rng(4), 0.5, 8, 200)
    result = gamma_error(
        list(np.stack([2 + x, 4 + 2 * x], axis=-1)), lambda m: (m[..., 1] / m[..., 0])[..., None]
    )
    assert result.value[0] == pytest.approx(2) and result.error[0] < 1e-6


def test_chains_of_unequal_length():
    x = autoregressive(np.random.default_rng(5), 0.5, 2, 3000)
    chain = np.repeat([0, 1], [3000, 1000])
    values = np.concatenate([x[0], x[1, :1000]])
    parts = split_chains(values[:, None], chain)
    assert [len(p) for p in parts] == [3000, 1000]
    result = gamma_error(parts, lambda m: m)
    assert result.tau_int[0] == pytest.approx(1.5, abs=0.4)


def test_split_chains_undoes_interleaving():
    chain = np.tile(np.arange(3), 4)
    parts = split_chains(np.arange(12), chain)
    assert [list(p) for p in parts] == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]
