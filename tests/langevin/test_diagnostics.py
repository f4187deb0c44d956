"""The diagnostics tell a run to be trusted from one that is not."""

from functools import cache

import numpy as np
import pytest

from emulant.langevin.actions import Quartic
from emulant.langevin.diagnostics import diagnosed, hill_exponent, schwinger_dyson_pull
from emulant.langevin.sampler import complex_langevin


@cache
def run(b, coupling=1.0):
    action = Quartic(1.0, b, coupling)
    return action, complex_langevin(action, time=64.0, step=0.01, seed=1, threads=2)


def of_run(b, coupling=1.0):
    action, process = run(b, coupling)
    return diagnosed(action, process, process.averages)


@pytest.mark.parametrize(("b", "coupling"), [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0)])
def test_confined_processes_are_trusted(b, coupling):
    """The exponents lie 40 % above -ln(share), where they may lie 3 errors, 40 %, below; the recursion's limit is 4.
    False alarm: below 1e-4."""
    record = of_run(b, coupling)
    assert record["trusted"], record["reasons"]


def test_a_tail_like_a_power_is_not_trusted():
    """σ₀ = 1 + 3i, outside B² <= 3A²: the drift's exponent is 2 in the far tail, and the run says so."""
    record = of_run(3.0)
    assert not record["trusted"] and "power" in record["reasons"] and not record["confined"]


def test_the_recursion_is_seen_to_fail_where_its_own_error_hides_it():
    """The same run: few groups carry moments and covariance, so that the pull is 1; by the spread of most it is not."""
    action, process = run(3.0)
    record = of_run(3.0)
    assert abs(schwinger_dyson_pull(action, process.averages)) < 4
    assert "is violated: one of 64 groups" in record["reasons"]
    # The exponents of the drift stay numbers beside the words of the identities.
    assert all(isinstance(record[name], float) for name in ("drift_exponent", "drift_exponent_far"))
    assert max(identity["worst_pull"] for identity in record["identities"].values()) > 100


@pytest.mark.parametrize(("b", "count"), [(1.0, 6), (0.0, 3)])
def test_the_record_lists_the_recursion_part_by_part(b, count):
    """A real action has no imaginary parts. False alarm: 1e-5."""
    identities = of_run(b)["identities"]
    assert len(identities) == count
    for record in identities.values():
        assert abs(record["pull"]) < 6 and abs(record["centre_pull"]) < 6 and record["worst_pull"] < 20


def test_hill_finds_the_exponent_of_a_power_and_the_growth_of_anything_faster():
    """2e6 numbers: 5 % of the exponent."""
    rng = np.random.default_rng(1)
    power = np.sort(rng.pareto(3.0, 2_000_000) + 1)[::-1]
    assert hill_exponent(power, 1e-3) == pytest.approx(3.0, rel=0.1)
    normal = np.sort(np.abs(rng.normal(size=2_000_000)))[::-1]
    assert hill_exponent(normal, 1e-4) > 1.5 * hill_exponent(normal, 1e-2)


def test_the_recursion_rejects_a_wrong_action():
    """Averages of σ₀ = 1 + i against the recursion of σ₀ = 1.02 + i."""
    _, process = run(1.0)
    assert abs(schwinger_dyson_pull(Quartic(1.02, 1.0, 1.0), process.averages)) > 10


def test_boundary_terms_vanish_at_the_last_cutoff():
    record = of_run(1.0)
    for n in (2, 4):
        last = [row for row in record["boundary_terms"] if row["n"] == n][-1]
        assert np.hypot(last["real"], last["imag"]) < 5 * last["error"]
