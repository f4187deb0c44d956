"""Priors: their maps to standard normal variables, densities, and errors."""

import numpy as np
import pytest
from scipy import stats

from emulant.errors import InputError
from emulant.inference.priors import prior_from

PRIOR = prior_from({"a": {"uniform": [-1.0, 3.0]}, "b": {"normal": [2.0, 0.5]}}, "system")


def test_samples_have_the_laws_of_the_prior():
    """False alarm 2e-3."""
    a, b = PRIOR.sample(4000, np.random.default_rng(1)).T
    assert stats.kstest(a, stats.uniform(-1, 4).cdf).pvalue > 1e-3
    assert stats.kstest(b, stats.norm(2, 0.5).cdf).pvalue > 1e-3


def test_the_map_and_its_inverse():
    z = np.random.default_rng(2).standard_normal((50, 2))
    np.testing.assert_allclose(PRIOR.normal(PRIOR.quantile(z)), z, rtol=1e-9)


def test_no_normal_variable_leads_outside():
    ends = PRIOR.quantile(np.array([[-40.0, 0.0], [40.0, 0.0]]))[:, 0]
    assert ends.min() >= -1.0 and ends.max() <= 3.0


def test_density():
    points = np.array([[0.0, 2.0], [-1.5, 2.0]])
    expected = np.log(0.25) + stats.norm(2, 0.5).logpdf(2.0)
    np.testing.assert_allclose(PRIOR.log_density(points), [expected, -np.inf])


@pytest.mark.parametrize(
    ("law", "expected"),
    [({"uniform": [1.0, 0.0]}, "lower edge below"), ({"normal": [0.0, 0.0]}, "positive deviation")],
)
def test_a_prior_that_is_none(law, expected):
    with pytest.raises(InputError, match=rf"prior\.a: expected a {expected}|prior\.a: expected {expected}"):
        prior_from({"a": law}, "system")
