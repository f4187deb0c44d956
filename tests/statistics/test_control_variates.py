"""A ratio of weighted means with a control variate: right on average, and its error is that of repetitions."""

import numpy as np

from emulant.statistics.control_variates import controlled


def test_a_ratio_with_a_control_variate():
    """400 repetitions of 2000 weighted samples: means within 4.5 errors (3e-5), errors within a sixth, five of theirs."""
    generator, values, errors = np.random.default_rng(1), [], []
    for _ in range(400):
        latent = generator.normal(size=(2000, 2))
        # Samples of N(0, 1) in both columns with weights of N(0.3, 1) in the first.
        weight = np.exp(0.3 * latent[:, 0] - 0.045)
        primaries = np.stack([latent[:, 0], 2 + latent[:, 1] ** 2], 1)
        controls = np.concatenate([latent, latent**2 - 1], 1)
        got = controlled(lambda m: np.array([m[0] / m[1], m[1]]), primaries, weight, controls)
        values.append([got.value, got.plain])
        errors.append([got.error, got.plain_error])
    values, errors = np.array(values), np.array(errors)
    spread = values.std(0)
    assert (np.abs(values.mean(0) - [0.1, 3.0]) < 4.5 * spread / 20).all()
    np.testing.assert_allclose(errors.mean(0) / spread, 1.0, atol=0.17)
    # What is left is the noise of the weights.
    assert (spread[0] < 0.5 * spread[1]).all()
