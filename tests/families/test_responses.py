"""Responses of spectra to multipoles: exact symmetries; a response that was put in is recovered."""

from functools import cache

import numpy as np
import pytest
import torch

from emulant.families._least_squares import ridge
from emulant.families._log_harmonics import LogHarmonics
from emulant.families._multipoles import HIGHEST, Multipoles, raw_multipoles
from emulant.families._viscosity import Viscosity
from emulant.families.harmonic_response.features import response_columns
from emulant.families.harmonic_response.model import Model as HarmonicResponse
from emulant.families.linear_response import Model as LinearResponse
from emulant.storage.pairs import Pairs
from tests.systems.hydro_spectra.spectra import SMALL, system

EVENTS, CELLS, ANGLES = 160, SMALL["cells"], SMALL["angles"]
MULTIPLIED = 4
PHI = 2 * np.pi * np.arange(ANGLES) / ANGLES
both = pytest.mark.parametrize("family", [LinearResponse, HarmonicResponse])


def densities(count=EVENTS, seed=1):
    """Sums of a wide Gaussian and four spots, (count, n, n), that vanish at the edge."""
    random = np.random.default_rng(seed)
    axis = np.arange(CELLS) - 0.5 * (CELLS - 1)
    x, y = np.meshgrid(axis, axis, indexing="ij")
    spots = random.normal(size=(count, 4, 2)) * 1.5
    squares = (x - spots[..., :1, None]) ** 2 + (y - spots[..., 1:, None]) ** 2
    weights = random.uniform(0.5, 1.5, (count, 4, 1, 1))
    return torch.as_tensor((weights * np.exp(-squares / 3)).sum(axis=1), dtype=torch.float32)


@cache
def growth(viscosity):
    return system().entropy_growth(densities().numpy(), np.array(viscosity))


def responding(inputs, viscosity, quadratic):
    """Spectra with a yield proportional to S and exponents linear in M_2, M_3, damped by what eta/s makes, or in M_2^2."""
    moments, scalars = raw_multipoles(inputs, 1.0)
    damped = torch.exp(-torch.as_tensor(growth(tuple(viscosity.tolist()))))[:, None]
    modes = 0.3 * damped * moments[:, 2:5, 0]
    modes[:, 2] = quadratic * 2 * moments[:, 2, 0] ** 2
    waves = torch.exp(-1j * torch.outer(torch.tensor([2.0, 3.0, 4.0]), torch.as_tensor(PHI))).to(
        torch.complex128
    )
    pt = torch.as_tensor(system().nodes[0])
    azimuthal = pt[:, None] * 2 * (modes @ waves).real[:, None]
    azimuthal = azimuthal - azimuthal.exp().mean(dim=2, keepdim=True).log()
    logarithm = scalars[:, :1, None] - 2 * pt[:, None] + azimuthal
    return torch.stack([logarithm, logarithm - 1, logarithm - 2], dim=1).exp().float()


@cache
def pairs(quadratic=0.0, seed=1):
    inputs = densities(seed=seed)
    viscosity = torch.as_tensor(np.resize([0.0, 0.1, 0.2], EVENTS), dtype=torch.float32)
    return Pairs(inputs, responding(inputs, viscosity, quadratic), {"viscosity": viscosity})


@cache
def built(family, quadratic=0.0):
    return family.build({"multiplied": MULTIPLIED}, pairs(quadratic), system())


def answered(model, inputs, viscosity=0.1):
    condition = {"inputs": inputs, "viscosity": torch.full((len(inputs),), viscosity)}
    return model.sample(len(inputs), torch.Generator(), condition).values


def flow(outputs):
    return system().view(Pairs(None, outputs.double().numpy())).vectors


@both
def test_symmetries_of_the_grid_are_exact(family):
    """A quarter turn rolls phi by a quarter, a mirror of y turns phi to -phi; a shift within the box does nothing."""
    model, inputs = built(family), densities(4, seed=7)
    inputs = inputs * (inputs > 0.02)
    assert inputs[:, [0, -1]].sum() == inputs[:, :, [0, -1]].sum() == 0
    outputs = answered(model, inputs)
    turned = torch.rot90(inputs, dims=(1, 2))
    torch.testing.assert_close(answered(model, turned), outputs.roll(ANGLES // 4, -1), rtol=1e-4, atol=0)
    mirrored = outputs[..., [-k % ANGLES for k in range(ANGLES)]]
    torch.testing.assert_close(answered(model, inputs.flip(2)), mirrored, rtol=1e-4, atol=0)
    shifted = inputs.roll((1, -1), (1, 2))
    torch.testing.assert_close(answered(model, shifted), outputs, rtol=1e-4, atol=0)


@pytest.mark.parametrize("n", range(HIGHEST + 1))
def test_columns_turn_like_their_harmonic(n):
    """By any angle, products of two and three included; a mirror conjugates them."""
    random = torch.Generator().manual_seed(n)
    moments = torch.randn(3, HIGHEST + 1, 9, generator=random, dtype=torch.complex128)
    scalars, viscosity = (torch.randn(3, k, generator=random, dtype=torch.float64) for k in (9, 3))
    columns, _ = response_columns(MULTIPLIED, moments, scalars, viscosity, n)
    turns = torch.exp(0.7j * torch.arange(HIGHEST + 1, dtype=torch.float64))
    turned, _ = response_columns(MULTIPLIED, moments * turns[:, None], scalars, viscosity, n)
    torch.testing.assert_close(turned, columns * turns[n] if n else columns)
    torch.testing.assert_close(
        response_columns(MULTIPLIED, moments.conj(), scalars, viscosity, n)[0], columns.conj()
    )


@both
def test_spectra_are_positive_for_any_density(family):
    """Ten times smaller and larger ones than training had, and one cell alone."""
    inputs = densities(4, seed=9) * torch.tensor([0.1, 1.0, 10.0, 0.0])[:, None, None]
    inputs[3, 9, 9] = 10.0
    assert (answered(built(family), inputs) > 0).all()


@pytest.mark.parametrize("n", range(HIGHEST + 1))
def test_one_nucleon_at_the_rim_does_not_run_away(n):
    """<r^4> / R^4 of 10^3 deviations has the columns of 10^6, and entropy and size have not."""
    random = torch.Generator().manual_seed(n)
    moments = torch.randn(1, HIGHEST + 1, 9, generator=random, dtype=torch.complex128)

    def columns(scalar, deviations):
        scalars = torch.ones(1, 9, dtype=torch.float64)
        scalars[0, scalar] = deviations
        return response_columns(MULTIPLIED, moments, scalars, torch.ones(1, 1, dtype=torch.float64), n)[0]

    for scalar, bounded in enumerate([False, False, True] * 3):
        one, other = columns(scalar, 1e3), columns(scalar, 1e6)
        assert torch.allclose(one, other, rtol=1e-4) == bounded, scalar


def test_other_collisions_do_not_run_away():
    """Spots that scatter twice as far have multipoles of 20 deviations: no more than 1.5 times the particles of training at
    any p_T, nor 30 times at any angle."""
    random = torch.Generator().manual_seed(5)
    inputs = densities(8, seed=9)
    far = torch.randint(0, CELLS, (8, 2), generator=random)
    inputs[torch.arange(8), far[:, 0], far[:, 1]] += 3.0
    model = built(HarmonicResponse)
    assert model.multipoles(inputs)[0].abs().max() > 20
    answers, training = answered(model, inputs), pairs().outputs
    assert (answers.log() - training.log().mean(dim=0)).max() < np.log(30)
    assert (answers.mean(dim=-1).log() - training.mean(dim=-1).log().mean(dim=0)).abs().max() < np.log(1.5)


@both
def test_a_linear_response_is_recovered(family):
    """Of densities that the fit has not seen, at a viscosity between those that it has: the parabola leaves 10^-4."""
    inputs, viscosity = densities(seed=3), torch.full((EVENTS,), 0.05)
    truth = flow(responding(inputs, viscosity, 0.0))
    vectors = flow(answered(built(family), inputs, 0.05))
    for n in range(2):
        error = np.sqrt((abs(vectors - truth)[:, n] ** 2).mean() / (abs(truth)[:, n] ** 2).mean())
        assert error < 0.01, n


def test_a_quadratic_response_needs_products():
    """Some four hundred columns of 160 events leave a sixth of V_4; without products nothing of it is explained."""
    inputs, viscosity = densities(seed=3), torch.full((EVENTS,), 0.1)
    truth = flow(responding(inputs, viscosity, 1.0))[:, 2]
    errors = {
        family: np.sqrt(
            (abs(flow(answered(built(family, 1.0), inputs))[:, 2] - truth) ** 2).mean()
            / (abs(truth) ** 2).mean()
        )
        for family in (LinearResponse, HarmonicResponse)
    }
    assert errors[HarmonicResponse] < 0.25 < 0.5 < errors[LinearResponse]


def test_coefficients_and_spectra_are_inverse():
    """Of spectra with few components and harmonics up to six, to rounding."""
    spectra = pairs().outputs
    pt, weights = system().nodes
    harmonics = LogHarmonics.fitted(spectra, torch.as_tensor(pt * weights))
    torch.testing.assert_close(
        harmonics.spectra(harmonics.coefficients(spectra)).float(), spectra, rtol=1e-4, atol=0
    )


def test_yields_and_flow_of_any_spectrum_are_exact():
    """Spectra with edges have modes of all orders: the yield and V_1 ... V_6 stay, to the precision of Newton's method."""
    random = torch.Generator().manual_seed(3)
    spectra = torch.rand(20, 3, 9, ANGLES, generator=random, dtype=torch.float64) + 0.05
    harmonics = LogHarmonics.fitted(spectra, torch.ones(9))
    harmonics.bases = [torch.eye(27, dtype=torch.float64)] * 7
    modes, again = (
        torch.fft.rfft(part)[..., :7]
        for part in (spectra, harmonics.spectra(harmonics.coefficients(spectra)))
    )
    torch.testing.assert_close(again, modes, atol=1e-5, rtol=0)


def test_multipoles_turn_as_their_order_says():
    inputs = densities(3)
    moments, scalars = raw_multipoles(inputs, 1.0)
    turned, same = raw_multipoles(torch.rot90(inputs, dims=(1, 2)), 1.0)
    phases = torch.as_tensor(1j ** np.arange(moments.shape[1]))
    torch.testing.assert_close(turned, moments * phases[:, None])
    torch.testing.assert_close(same, scalars)
    units = Multipoles.fitted(inputs, 1.0)
    assert torch.equal(units(inputs)[0], Multipoles.from_tensors(units.tensors())(inputs)[0])


def test_ridge_is_least_squares_where_there_is_no_noise_and_shrinks_where_there_is_nothing_else():
    """Pure noise of 200 rows keeps a part of its variance that the number of columns over rows bounds."""
    generator = torch.Generator().manual_seed(1)
    rows, weights = (torch.randn(*s, generator=generator, dtype=torch.float64) for s in ((200, 10), (10, 2)))
    fit = ridge(rows, torch.ones(10, dtype=torch.float64), rows @ weights)
    torch.testing.assert_close(fit.weights, weights, rtol=1e-5, atol=1e-6)
    noise = torch.randn(200, 2, generator=generator, dtype=torch.float64)
    empty = ridge(rows, torch.ones(10, dtype=torch.float64), noise)
    assert (rows @ empty.weights).square().mean() < 0.1 * noise.square().mean()
    # What cross-validation says of new noise: its variance, within 4 errors of 200 squares.
    assert empty.loss == pytest.approx(2, abs=4 * 2 * np.sqrt(2 / 400))


def test_polynomials_are_as_many_as_training_has_values():
    assert Viscosity.fitted(torch.tensor([0.0, 0.07, 0.1, 0.13, 0.2]))(torch.tensor([0.2])).tolist() == [
        [1, 1, 1, 1]
    ]
    assert Viscosity.fitted(torch.tensor([0.0, 0.1, 0.2]))(torch.tensor([0.2])).tolist() == [[1, 1, 1]]
    assert Viscosity.fitted(torch.tensor([0.1, 0.2]))(torch.tensor([0.1])).tolist() == [[1, -1]]
    assert Viscosity.fitted(torch.tensor([0.1]))(torch.tensor([0.3])).tolist() == [[1]]
