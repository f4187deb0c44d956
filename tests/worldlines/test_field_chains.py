"""The field itself at mu = 0, by Hybrid Monte Carlo, on the exact values of its worldlines."""

import numpy as np
import torch

from emulant.statistics.pulls import limit, pull
from emulant.worldlines.action import BoseGas
from emulant.worldlines.field_chains import action, gradient, measured_fields
from emulant.worldlines.two_by_two import two_by_two

GAS = BoseGas((2, 2), 0.1, 1.0, 0.0)


def test_the_action_is_that_of_the_bose_gas():
    """Its real part at mu = 0, and the gradient by autograd."""
    fields = np.random.default_rng(1).normal(size=(3, 2, 2, 3))
    gas = BoseGas((2, 3), 0.4, 0.7, 0.0)
    np.testing.assert_allclose(action(torch.from_numpy(fields), gas), gas.action(fields).real)
    leaf = torch.from_numpy(fields).requires_grad_()
    (derivative,) = torch.autograd.grad(action(leaf, gas).sum(), leaf)
    torch.testing.assert_close(gradient(leaf, gas), derivative)


def test_both_representations_agree():
    """Two pulls on 2 x 2 sites; false alarm 1 %."""
    measured, exact = measured_fields(GAS, 256, 60, 3), two_by_two(GAS).observables
    pulls = [pull(*getattr(measured, n), getattr(exact, n)) for n in ("squared", "fourth")]
    assert np.abs(pulls).max() < limit(2) and measured.squared.error < 4e-3
