"""The action of the Bose gas and its exact solutions, against each other and against closed forms."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from emulant.errors import InputError
from emulant.systems.bose_gas.silver_blaze import silver_blaze
from emulant.worldlines.action import BoseGas
from emulant.worldlines.free import energies, free_field
from emulant.worldlines.transfer_matrix import transfer_matrix
from emulant.worldlines.weights import site_ratios

SHAPES = [(1,), (5,), (2, 3), (4, 4), (2, 3, 2)]


def random_fields(gas, components, seed=1):
    return np.random.default_rng(seed).normal(size=(3, components, *gas.shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_drift_is_minus_the_derivative_of_the_action(shape):
    """Central differences of S along every component, at complex fields: the drift is holomorphic."""
    gas = BoseGas(shape, 0.7, 0.8, 0.9)
    packed = random_fields(gas, 4)
    fields = packed[:, ::2] + 1j * packed[:, 1::2]
    drift, h = gas.drift(packed), 1e-5
    for component in np.ndindex(2, *shape):
        shift = np.zeros((1, 2, *shape))
        shift[0][component] = h
        slope = (gas.action(fields + shift) - gas.action(fields - shift)) / (2 * h)
        np.testing.assert_allclose(drift[(slice(None), *component)], -slope, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_density_is_minus_the_derivative_of_the_action_by_mu(shape):
    fields, h = random_fields(BoseGas(shape, 1.0, 1.0, 0.0), 2), 1e-5
    above, below = (BoseGas(shape, 1.0, 1.0, 0.6 + sign * h).action(fields) for sign in (1, -1))
    density = BoseGas(shape, 1.0, 1.0, 0.6).observables(fields)[:, 0]
    np.testing.assert_allclose(density, -(above - below) / (2 * h) / math.prod(shape), rtol=1e-6, atol=1e-8)


def test_the_action_of_real_fields():
    """S(mu)^* = S(-mu), which is the sign problem; real at mu = 0; charge conjugation flips mu."""
    gas, other = (BoseGas((3, 4), 1.0, 1.0, mu) for mu in (0.7, -0.7))
    fields = random_fields(gas, 2)
    conjugate = fields * np.array([1, -1])[:, None, None]
    np.testing.assert_allclose(gas.action(fields).conj(), other.action(fields))
    np.testing.assert_allclose(gas.action(conjugate), other.action(fields))
    assert np.abs(gas.action(fields).imag).min() > 1e-3
    assert np.abs(BoseGas((3, 4), 1.0, 1.0, 0.0).action(fields).imag).max() < 1e-12


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mu", [0.0, 0.4, -0.8])
def test_the_free_field_is_its_sum_over_all_momenta(shape, mu):
    """<|phi|^2> = (1/V) sum_p 1/D(p), n = -(1/V) sum_p (dD/dmu) / D, D = m^2 + sum 4 sin^2(k/2) + ... in time."""
    gas = BoseGas(shape, 0.9, 0.0, mu)
    p = np.meshgrid(*[2 * np.pi * np.arange(n) / n for n in shape], indexing="ij")
    time = p[-1] - 1j * mu
    inverse = gas.eta - 2 * np.cos(time) - sum((2 * np.cos(k) for k in p[:-1]), np.zeros(shape))
    free = free_field(gas)
    assert free.squared == pytest.approx(np.mean(1 / inverse).real, rel=1e-12)
    assert free.density == pytest.approx(np.mean(2j * np.sin(time) / inverse).real, rel=1e-10, abs=1e-14)
    assert free.fourth == pytest.approx(2 * free.squared**2)


def test_the_free_field_in_its_limits():
    """Zero temperature: Silver Blaze and 1 / (2 sinh E); near threshold the zero mode's n ~ T / (m - mu)."""
    cold = free_field(BoseGas((400,), 1.0, 0.0, 0.5))
    onset = BoseGas((400,), 1.0, 0.0, 0.0).onset
    assert 2 * math.cosh(onset) == pytest.approx(3.0)
    assert cold.squared == pytest.approx(1 / (2 * math.sinh(onset)), rel=1e-12)
    assert cold.density == pytest.approx(math.exp(-400 * (onset - 0.5)), rel=1e-9)
    near = free_field(BoseGas((8,), 1.0, 0.0, onset - 1e-6))
    assert near.density == pytest.approx(1 / (8 * 1e-6), rel=1e-4)
    assert energies(BoseGas((6, 6, 4), 0.3, 0.0, 0.0)).shape == (36,)


@pytest.mark.parametrize(("extent", "mu"), [(1, -0.5), (2, 0.5), (3, 0.0), (8, 0.6)])
def test_the_transfer_matrix_without_coupling_is_the_free_field(extent, mu):
    gas = BoseGas((extent,), 1.0, 0.0, mu)
    np.testing.assert_allclose(transfer_matrix(gas), free_field(gas), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("coupling", [0.05, 1.0, 300.0])
def test_one_site_is_an_integral(coupling):
    """N_tau = 1: S = (eta - 2 cosh mu) rho + lambda rho^2, and n = 2 sinh(mu) <rho>."""
    gas = BoseGas((1,), 1.0, coupling, 1.1)
    slope = gas.eta - 2 * math.cosh(gas.mu)

    def integral(power):
        return quad(lambda u: u**power * math.exp(-slope * u - coupling * u * u), 0, np.inf, epsabs=0)[0]

    norm, squared, fourth = (integral(power) for power in range(3))
    exact = (2 * math.sinh(gas.mu) * squared / norm, squared / norm, fourth / norm)
    np.testing.assert_allclose(transfer_matrix(gas), exact, rtol=1e-8)


def test_two_sites_by_brute_force():
    """N_tau = 2 with a complex action: radii and the relative angle on grids, no charge sectors."""
    gas = BoseGas((2,), 1.0, 1.0, 0.8)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    r, w = 1.6 * (nodes + 1), 1.6 * weights
    angle = 2 * np.pi * np.arange(64) / 64
    a, b, t = np.meshgrid(r, r, angle, indexing="ij")
    ahead, behind = (2 * a * b * np.cos(t + sign * 1j * gas.mu) for sign in (-1, 1))
    potential = gas.eta * (a**2 + b**2) + gas.coupling * (a**4 + b**4)
    density = a * b * np.exp(ahead + behind - potential) * (w[:, None, None] * w[:, None])
    slope = 2 * a * b * 1j * (np.sin(t - 1j * gas.mu) - np.sin(t + 1j * gas.mu))
    exact = [np.sum(density * f) / np.sum(density) for f in (slope / 2, a**2, a**4)]
    np.testing.assert_allclose(transfer_matrix(gas), np.real(exact), rtol=1e-9)
    assert np.abs(np.imag(exact)).max() < 1e-12


def test_charge_conjugation_of_the_exact_results():
    for solve, coupling in ((transfer_matrix, 1.0), (free_field, 0.0)):
        plus, minus = (solve(BoseGas((6,), 1.0, coupling, mu)) for mu in (0.6, -0.6))
        np.testing.assert_allclose(plus, np.multiply(minus, (-1, 1, 1)), rtol=1e-12)
        assert solve(BoseGas((6,), 1.0, coupling, 0.0)).density == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize(("eta", "coupling"), [(3.0, 1.0), (0.5, 1e-3), (4.01, 50.0), (6.0, 0.0)])
def test_ratios_of_site_weights(eta, coupling):
    """A table of any size against quadrature in a variable that keeps the integrand smooth and near 1."""
    u = np.linspace(0, 120, 400_001)
    u[0] = 1e-300
    for size in (40, 3000):
        ratios = site_ratios(eta, coupling, size)
        for j in (0, 1, 7, 39):
            log = j * np.log(u) - eta * u - coupling * u**2
            density = np.exp(log - log.max())
            # Half a weight at the ends of the trapezoid, which matters for j = 0 alone.
            density[0] /= 2
            assert ratios[j] == pytest.approx(density @ u / density.sum(), rel=2e-6)


def test_the_silver_blaze_in_one_dimension():
    """n at mu = 0.8, m = lambda = 1 falls like exp(-N_tau (E_0 - mu)) as the lattice grows cold."""
    rows = silver_blaze([0.8], [4, 8, 16, 32], mass=1.0, coupling=1.0)
    densities = [row["density"] for row in rows]
    np.testing.assert_allclose(densities, [0.12774388, 0.015108202, 2.2902690e-4, 5.2467940e-8], rtol=1e-7)
    gaps = -np.diff(np.log(densities)) / [4, 8, 16]
    assert gaps[1] == pytest.approx(gaps[2], rel=1e-3)


def test_above_threshold_the_cold_gas_is_dense():
    """E_0 of the interacting particle is its gap: 0.8 + the decay rate at 0.8."""
    rows = silver_blaze([0.8, 1.2, 1.35, 1.6], [32, 64], mass=1.0, coupling=1.0)
    table = {(row["extent"], row["mu"]): row["density"] for row in rows}
    gap = 0.8 + math.log(table[32, 0.8] / table[64, 0.8]) / 32
    assert 1.2 < gap < 1.35
    assert table[64, 1.2] < table[32, 1.2] < 0.1
    assert table[64, 1.35] > 0.8 and table[64, 1.6] > 3.9


def test_the_silver_blaze_of_the_free_gas_in_two_dimensions():
    rows = silver_blaze([0.5], [4, 16, 64], mass=1.0, coupling=0.0, space=(8,), method="free")
    densities = [row["density"] for row in rows]
    assert densities[0] > 10 * densities[1] > 1e4 * densities[2] > 0
    assert all(row["density_error"] == 0 and row["trusted"] for row in rows)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mass": -0.1}, "mass: expected a finite number m >= 0, got -0.1"),
        ({"mass": 1j}, "mass"),
        ({"mass": math.nan}, "mass"),
        ({"coupling": -1.0}, "coupling: expected a finite number lambda >= 0"),
        ({"coupling": "1"}, "coupling"),
        ({"mu": math.inf}, "mu: expected a finite number"),
        ({"coupling": 0.0, "mu": 1.0}, "threshold of the free field"),
        ({"shape": ()}, "shape: expected one positive integer"),
        ({"shape": (4, 0)}, "shape"),
        ({"shape": (4.0, 4)}, "shape"),
        ({"shape": 4}, "shape"),
    ],
)
def test_bad_parameters_are_named(change, words):
    with pytest.raises(InputError, match=words):
        BoseGas(**({"shape": (4, 4), "mass": 1.0, "coupling": 1.0, "mu": 0.5} | change))


def test_methods_refuse_what_they_cannot_solve():
    with pytest.raises(InputError, match="one direction"):
        transfer_matrix(BoseGas((4, 4), 1.0, 1.0, 0.5))
    with pytest.raises(InputError, match="coupling: expected 0"):
        free_field(BoseGas((4,), 1.0, 1.0, 0.5))
    with pytest.raises(InputError, match="free, transfer_matrix, worldline, langevin"):
        silver_blaze([0.5], [4], mass=1.0, coupling=1.0, method="hmc")
    with pytest.raises(InputError, match=r"shape \(3, 2, 4\)"):
        BoseGas((5,), 1.0, 1.0, 0.5).action(np.zeros((3, 2, 4)))
