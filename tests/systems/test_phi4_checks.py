"""phi^4: a free field without a law is refused before any work, and what kappa < 0 has no value for is not a number."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.judging.measure import measure
from emulant.lattice.action import action
from emulant.lattice.free import stiffness
from emulant.storage.ensemble import open_ensemble
from emulant.systems import observables_of
from emulant.systems.phi4.checks import check
from emulant.systems.phi4.system import Phi4
from tests.references import sample_reference


def block(kappa, coupling=0.0, shape=(8, 8)):
    return {"kind": "phi4", "kappa": kappa, "lambda": coupling, "shape": list(shape)}


@pytest.mark.parametrize(
    ("kappa", "shape"), [(0.25, (8, 8)), (0.3, (8, 8)), (0.5, (6,)), (-0.25, (8, 8)), (-0.31, (5, 5))]
)
def test_a_free_field_beyond_its_bound_is_refused(kappa, shape):
    with pytest.raises(InputError, match=r"kappa: expected a number (below|above) .* not bounded from below"):
        check(block(kappa, shape=shape))
    check(block(kappa, 0.01, shape))


def test_the_bound_is_named():
    with pytest.raises(InputError, match=r"a number below 0.25 for lambda = 0"):
        check(block(0.3))
    with pytest.raises(InputError, match=r"a number above -0.25 for lambda = 0"):
        check(block(-0.3))


@pytest.mark.parametrize("kappa", [0.2499, -0.2499, 0.0])
def test_a_free_field_within_it_is_not(kappa):
    check(block(kappa))


@pytest.mark.parametrize("kappa", [0.3, -0.28])
@pytest.mark.parametrize("shape", [(4, 6), (5, 5), (3, 4, 5)])
def test_the_stiffness_is_that_of_the_softest_mode(kappa, shape):
    """By the quadratic form itself: twice the smallest S of a wave of unit length."""
    waves = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"))
    momenta = np.array(list(np.ndindex(*shape))) / np.array(shape)
    fields = np.cos(2 * np.pi * np.tensordot(momenta, waves, 1))
    smallest = (2 * action(fields, kappa, 0.0) / (fields**2).reshape(len(fields), -1).sum(1)).min()
    assert stiffness(kappa, shape) == pytest.approx(smallest)


def test_the_correlation_length_of_kappa_below_zero_is_not_a_number(tmp_path):
    """G~ is smallest at zero momentum: there is no mass to speak of; it had been 0 +- 0."""
    system = Phi4(-0.2, 0.022, (6, 6))
    sample_reference(
        system, tmp_path / "a.h5", settings={"sampler": "hmc", "samples": 6400, "chains": 64}, seed=1
    )
    observable = observables_of("phi4")["correlation_length"]
    with open_ensemble(tmp_path / "a.h5") as ensemble:
        rows = measure(ensemble, system, [observable, observables_of("phi4")["field_squared"]]).rows
    length, squared = (
        rows.set_index("observable").loc[["correlation_length", "field_squared"]].to_dict("records")
    )
    assert np.isnan(length["value"]) and np.isnan(length["error"])
    assert squared["value"] > 0 and squared["error"] > 0
    assert "not a number" in observable.description
