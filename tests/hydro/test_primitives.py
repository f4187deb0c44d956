"""Densities and their inverse; the cap on shear."""

import pytest
import torch

from emulant.hydro.fluxes import densities
from emulant.hydro.lattice_fit import hotqcd
from emulant.hydro.primitives import Limits, capped, recovered
from emulant.hydro.table import Table, pressure_and_speed
from emulant.hydro.tensors import completed, lorentz, product

LIMITS = Limits(1e-10, 1e-12, 1.0, 0.02)


@pytest.fixture(scope="module")
def table():
    columns = hotqcd().table
    return Table(*(torch.as_tensor(column) for column in columns[:3]), columns.step)


def cells(count, components, shear=0.2):
    """Cells of all energies, fast and slow, with shear up to a part of the pressure."""
    generator = torch.Generator().manual_seed(1)
    energy = 10 ** torch.empty(count, dtype=torch.float64).uniform_(-2, 2, generator=generator)
    flow = torch.empty(2, count, dtype=torch.float64).uniform_(-3, 3, generator=generator)
    stress = torch.empty(3, count, dtype=torch.float64).uniform_(-1, 1, generator=generator) * shear * energy
    return (energy, *flow, *stress)[:components]


@pytest.mark.parametrize("components", [3, 6])
def test_values_come_back_from_densities(table, components):
    values = cells(1000, components)
    conserved = densities(values, pressure_and_speed(table, values[0])[0])
    guess = (values[0], *(0.8 * value for value in values[1:]))
    back = recovered(conserved, guess, table, LIMITS)
    if components == 3:
        assert all(torch.allclose(one, two, rtol=1e-7) for one, two in zip(back, values, strict=True))
    else:
        # With so much shear at random some cells have no rest frame of positive energy.
        tt = completed(lorentz(values[1], values[2]), *values[1:])[0]
        calm = tt.abs() < 0.3 * conserved[0]
        assert calm.sum() > 300
        pairs = zip(back, values, strict=True)
        assert all(torch.allclose(one[calm], two[calm], rtol=1e-6, atol=1e-9) for one, two in pairs)


def test_the_completed_tensor_is_orthogonal_to_the_flow_and_traceless():
    _, x, y, xx, xy, yy = cells(100, 6)
    t = lorentz(x, y)
    tt, tx, ty, nn = completed(t, x, y, xx, xy, yy)
    for row in ((tt, tx, ty), (tx, xx, xy), (ty, xy, yy)):
        assert (row[0] * t - row[1] * x - row[2] * y).abs().max() < 1e-9
    assert (tt - xx - yy - nn).abs().max() < 1e-9
    full = torch.zeros(100, 4, 4, dtype=torch.float64)
    for (i, j), value in {
        (0, 0): tt,
        (0, 1): tx,
        (0, 2): ty,
        (1, 1): xx,
        (1, 2): xy,
        (2, 2): yy,
        (3, 3): nn,
    }.items():
        full[:, i, j] = full[:, j, i] = value
    metric = torch.diag(torch.tensor([1.0, -1, -1, -1], dtype=torch.float64))
    square = torch.einsum("nij,jk,nkl,li->n", full, metric, full, metric)
    shear = (tt, tx, ty, nn, xx, xy, yy)
    assert torch.allclose(product(shear, shear), square)


def test_shear_is_scaled_down_to_the_cap_and_left_alone_below(table):
    values = cells(1000, 6, shear=0.5)
    after, above = capped(values, table, LIMITS)
    pressure, _ = pressure_and_speed(table, values[0])
    tt, tx, ty, nn = completed(lorentz(after[1], after[2]), *after[1:])
    shear = (tt, tx, ty, nn, *after[3:])
    number = (product(shear, shear) / (values[0] ** 2 + 3 * pressure**2)).sqrt()
    cap = values[0] / (values[0] + LIMITS.dilute)
    assert 50 < above.sum() < 950
    assert torch.allclose(number[above], cap[above])
    assert all(torch.equal(one[~above], two[~above]) for one, two in zip(after, values, strict=True))
