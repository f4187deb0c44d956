"""The transfer matrix against another program, the harmonic oscillator's closed form, and energies at a = 0."""

import numpy as np
import pytest

from emulant.quantum.continuum import continuum_energies, extrapolated
from emulant.quantum.potential import Potential
from emulant.quantum.transfer_matrix import TransferMatrix
from tests.quantum.wells import CONTINUUM, HARMONIC, QUARTIC, TABLE


@pytest.mark.parametrize("row", TABLE)
def test_energies_and_moments_are_those_of_another_program(row):
    coefficients, mass, spacing, points, *expected = row
    matrix = TransferMatrix(Potential(coefficients), mass, spacing, points)
    energies, x = matrix.energies, matrix.grid
    moments = [matrix.mean(x**2), matrix.mean(x**4), matrix.log_partition]
    ours = [energies[0], *(energies[1:3] - energies[0]), *moments]
    np.testing.assert_allclose(ours, expected, atol=1.1e-7)


def test_the_oscillator_has_its_closed_form():
    """<x^2> and the correlator of a Gaussian with A(p) = (m/a) (4 sin^2(p/2) + a^2)."""
    spacing, points = 0.4, 17
    matrix = TransferMatrix(Potential(HARMONIC), 1.3, spacing, points)
    momenta = 2 * np.pi * np.arange(points) / points
    power = 1 / (1.3 / spacing * 4 * np.sin(momenta / 2) ** 2 + spacing)
    times = np.arange(points)
    correlator = np.cos(np.outer(times, momenta)) @ power / points
    np.testing.assert_allclose(matrix.correlation(matrix.grid, matrix.grid, times), correlator, atol=1e-12)


@pytest.mark.parametrize("row", CONTINUUM)
def test_energies_at_vanishing_spacing(row):
    coefficients, mass, *expected = row
    np.testing.assert_allclose(
        continuum_energies(Potential(coefficients), mass, 10.0, 3), expected, atol=6e-7
    )


def test_the_fit_is_exact_for_its_polynomial():
    spacing = np.array([0.1, 0.2, 0.3, 0.5])
    energy, error = extrapolated(spacing, 0.7 - 0.2 * spacing**2 + 0.4 * spacing**4, np.full(4, 0.01))
    assert energy == pytest.approx(0.7, abs=1e-9) and 0.01 < error < 0.05


def test_exact_energies_extrapolate_to_the_continuum():
    spacings = np.array([0.1, 0.2, 0.25, 0.4])
    energies = [TransferMatrix(Potential(QUARTIC), 1.0, a, round(10 / a)).energies[0] for a in spacings]
    energy, _ = extrapolated(spacings, np.array(energies), np.full(4, 1e-3))
    assert energy == pytest.approx(0.620927, abs=1e-5)
