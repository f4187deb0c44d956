"""Compiled loops and tensors are the same scheme; it has the symmetries of the grid, and vacuum stays as it is."""

from functools import partial

import numpy as np
import pytest
import torch

from emulant.hydro.cooper_frye import switch_at
from emulant.hydro.lattice_fit import hotqcd
from emulant.hydro.matter import FLOOR, Matter, components_of
from emulant.hydro.numba_fluid import NumbaFluid
from emulant.hydro.state import at_rest
from emulant.hydro.torch_fluid import TorchFluid
from tests.hydro.profiles import lumpy

SPACING, STEP, START = 0.7, 0.15, 0.6
HOT = switch_at(hotqcd(), 0.15).energy
SCHEMES = [NumbaFluid, TorchFluid]
SYMMETRIES = {
    f"{'transposed ' * transposed}{quarters} quarters": (transposed, quarters)
    for transposed in (False, True)
    for quarters in range(4)
}


def evolved(scheme, density, viscosity, steps=16):
    """Fields of a batch after some steps."""
    matter = Matter(hotqcd().table, viscosity, hot=HOT)
    energy = np.maximum(hotqcd().energy_at_entropy(density / START), FLOOR)
    fluid = scheme(matter, SPACING)
    state = fluid.start(*at_rest(energy, components_of(viscosity)), START)
    for _ in range(steps):
        state = fluid.advance(state, STEP)
    return fluid.array(state.interior), fluid.array(state.capped)


@pytest.mark.parametrize("viscosity", [0.0, 0.12])
@pytest.mark.parametrize("dtype, tolerance", [(torch.float64, 1e-6), (torch.float32, 2e-3)], ids=str)
def test_loops_and_tensors_are_the_same_scheme(viscosity, dtype, tolerance):
    density = np.stack([lumpy(32, SPACING, seed) for seed in (1, 2)])
    one, capped = evolved(NumbaFluid, density, viscosity)
    two, capped_too = evolved(partial(TorchFluid, dtype=dtype), density, viscosity)
    hot = one[:, 0] > 0.1
    energy = np.abs(two[:, 0] / one[:, 0] - 1)[hot]
    rest = np.abs(two[:, 1:] - one[:, 1:]).max(axis=1)[hot]
    assert energy.max() < tolerance and rest.max() < tolerance
    assert capped_too == pytest.approx(capped, abs=0.01)


def transformed(values, transposed, quarters):
    """Turn and reflect (N, n, n)."""
    values = values.transpose(0, 2, 1) if transposed else values
    return np.rot90(values, quarters, axes=(1, 2))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viscosity", [0.0, 0.12])
def test_the_scheme_has_the_eight_symmetries_of_the_grid(scheme, viscosity):
    """Of e, u^2, and the trace of pi in the plane; to rounding, which the dilute rim enlarges."""
    density = lumpy(24, SPACING, total=400.0)[None]
    batch = np.concatenate([transformed(density, *symmetry) for symmetry in SYMMETRIES.values()])
    fields, _ = evolved(scheme, batch, viscosity)
    scalars = [fields[:, 0], fields[:, 1] ** 2 + fields[:, 2] ** 2]
    scalars += [fields[:, 3] + fields[:, 5]] if viscosity else []
    for scalar in scalars:
        for k, symmetry in enumerate(SYMMETRIES.values()):
            expected = transformed(scalar[:1], *symmetry)[0]
            hot = transformed(fields[:1, 0], *symmetry)[0] > 0.02
            assert np.abs(scalar[k] - expected)[hot].max() < 1e-7


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viscosity", [0.0, 0.12])
def test_vacuum_stays_at_rest(scheme, viscosity):
    fields, capped = evolved(scheme, np.zeros((1, 16, 16)), viscosity)
    assert np.all(fields[:, 0] == FLOOR)
    assert np.all(fields[:, 1:] == 0)
    assert capped == 0
