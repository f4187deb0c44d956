"""What conserved sums add to a flow, on momenta for which it is conserved: linear ones, and an energy that is a square."""

import math

import numpy as np
import pytest
import torch

from emulant.families.heidi.basis import Basis
from emulant.families.heidi.conserved_flow import ConservedFlow
from emulant.families.heidi.kinds import KINDS

SLOTS, COUNT = 40, 400


class Springs:
    """As `Momenta`: p = a x and E = a (x^2 / 2 + 0.1 + rough |x_3|), where the kind and the knots give a.

    Bent, px is a x_1 (1 + bent x_3^2).
    """

    def __init__(self, knots=1, rough=0.0, bent=0.0):
        self.nodes, self.rough, self.bent = np.arange(1.0, knots + 1), rough, bent

    def __call__(self, weights, kinds, x):
        size = (1 + (kinds % 2).to(x)) * (weights @ torch.from_numpy(self.nodes).to(x))[:, None]
        energy = size * (x.square().sum(dim=-1) / 2 + 0.1 + self.rough * x[..., 2].abs())
        bend = torch.stack([self.bent * x[..., 2].square(), 0 * energy, 0 * energy], dim=-1)
        return torch.cat([size.unsqueeze(-1) * x * (1 + bend), energy.unsqueeze(-1)], dim=-1)


def seeded(seed=3):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module", params=["one", "between two", "rough", "bent"])
def springs(request):
    """Momenta and the weights of their knots: one, or two between which all are; rough, an energy of no polynomial; bent."""
    settings = {"one": {}, "between two": {"knots": 2}, "rough": {"rough": 0.5}, "bent": {"bent": 0.8}}
    momenta = Springs(**settings[request.param])
    weights = torch.full((COUNT, len(momenta.nodes)), 1 / len(momenta.nodes))
    return momenta, weights


@pytest.fixture(scope="module")
def flow(springs):
    return ConservedFlow(springs[0])


@pytest.fixture(scope="module")
def events():
    """Kinds, which slots hold a particle, and normal numbers; the last slots are empty in every other event."""
    generator = seeded()
    kinds = torch.randint(KINDS, (COUNT, SLOTS), generator=generator)
    occupied = torch.ones(COUNT, SLOTS, dtype=torch.bool)
    occupied[::2, -8:] = False
    x0 = torch.randn(COUNT, SLOTS, 3, generator=generator) * occupied.unsqueeze(-1)
    return kinds, occupied, x0


def sums_of(springs, kinds, occupied, x):
    momenta, weights = springs
    return (momenta(weights, kinds, x) * occupied.unsqueeze(-1)).sum(dim=1)


def test_functions_are_orthonormal():
    """By Gaussian quadrature, exact for these degrees."""
    nodes, chance = (torch.from_numpy(part) for part in np.polynomial.hermite_e.hermegauss(16))
    x = torch.cartesian_prod(nodes, nodes, nodes)
    weights = torch.cartesian_prod(chance, chance, chance).prod(dim=1) / (2 * math.pi) ** 1.5
    functions = Basis(x[None]).values()[0]
    torch.testing.assert_close(
        functions * weights @ functions.T, torch.eye(len(functions), dtype=x.dtype), rtol=0, atol=1e-10
    )


def test_gradient():
    generator = seeded()
    x = torch.randn(2, 7, 3, dtype=torch.float64, generator=generator).requires_grad_()
    functions = Basis(x).values()
    weights = torch.randn(functions.shape, dtype=torch.float64, generator=generator)
    (expected,) = torch.autograd.grad((functions * weights).sum(), x)
    torch.testing.assert_close(Basis(x.detach()).gradient(weights), expected)


def test_polynomials_hold_what_is_a_polynomial(springs, flow):
    if springs[0].rough:
        assert (flow.rest[..., 3, 3] > 1e-3).all() and flow.rest[..., :3, :3].abs().max() < 1e-4
        return
    assert flow.rest.abs().max() < 4e-4
    size = 1 + torch.arange(KINDS) % 2
    torch.testing.assert_close(flow.mean[0, :, 3], 1.6 * size.float(), rtol=0, atol=1e-4)
    assert flow.mean[0, :, :3].abs().max() < 1e-4


@pytest.mark.parametrize("angle", [0.1, 0.5, 1.0, 1.5, math.pi / 2])
def test_it_is_the_mean_velocity(springs, flow, events, angle):
    """The slope of cos(t) z - sin(t) x_0 on it is 1 within 4 errors (and 1e-4, as at pure noise both are one)."""
    kinds, occupied, x0 = events
    z = torch.randn(x0.shape, generator=seeded(8)) * occupied.unsqueeze(-1)
    cosine, sine = math.cos(angle), math.sin(angle)
    conserved = flow.prepared(kinds, occupied, springs[1], sums_of(springs, kinds, occupied, x0))
    velocity = flow(cosine * x0 + sine * z, conserved, torch.full((COUNT,), angle))
    assert not velocity[~occupied].any()
    both = ((cosine * z - sine * x0) * velocity).sum(dim=(1, 2)).double()
    squared = velocity.square().sum(dim=(1, 2)).double()
    slope = both.sum() / squared.sum()
    error = (both - slope * squared).std() * COUNT**0.5 / squared.sum()
    assert error < 0.06 and abs(slope - 1) < 4 * error + 1e-4


def test_mixed_precision_changes_nothing(springs, flow, events):
    kinds, occupied, x0 = events
    angle = torch.full((COUNT,), 0.3)

    def velocity():
        conserved = flow.prepared(kinds, occupied, springs[1], sums_of(springs, kinds, occupied, x0))
        return flow(x0, conserved, angle)

    with torch.autocast("cpu", torch.bfloat16):
        mixed = velocity()
    torch.testing.assert_close(mixed, velocity(), rtol=0, atol=0)


def test_the_flow_ends_where_the_sums_are(springs, flow, events):
    """From noise; sums that independent particles miss by their width are missed by a twentieth of it, or a tenth."""
    kinds, occupied, x0 = events
    conserved = flow.prepared(kinds, occupied, springs[1], sums_of(springs, kinds, occupied, x0))
    x = torch.randn(x0.shape, generator=seeded(9))
    missed = [(sums_of(springs, kinds, occupied, x) - sums_of(springs, kinds, occupied, x0)).std(dim=0)]
    times = torch.linspace(math.pi / 2, 0, 11).tolist()
    for now, then in zip(times[:-1], times[1:], strict=True):
        slope = flow(x, conserved, torch.full((COUNT,), now))
        ahead = x + (then - now) * slope
        other = flow(ahead, conserved, torch.full((COUNT,), then)) if then > 0 else slope
        x = x + (then - now) * (slope + other) / 2
    missed.append((sums_of(springs, kinds, occupied, x) - sums_of(springs, kinds, occupied, x0)).std(dim=0))
    assert (missed[1] < (0.1 if springs[0].rough or springs[0].bent else 0.05) * missed[0]).all()
    spread = x[occupied].std(dim=0)
    assert (spread - 1).abs().max() < 0.02, "and particles keep their law"
