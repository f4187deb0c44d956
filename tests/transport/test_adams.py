"""The Adams flow against equations with known solutions; no numbers are drawn."""

import math

import pytest
import torch

from emulant.transport.adams import adams_flow, lagrange_integrals


def clocks(steps, end=1.0):
    return list(torch.linspace(0, end, steps + 1, dtype=torch.float64).unbind())


def error(steps, order):
    """Of dy/dt = i y cos t from y = 1, whose solution is exp(i sin t)."""
    times = clocks(steps, 2.0)

    def slope(y, step):
        return 1j * y * float(times[step].cos())

    y = adams_flow(slope, torch.ones(1, dtype=torch.complex128), times, order=order)
    return abs(complex(y) - complex(math.cos(math.sin(2)), math.sin(math.sin(2))))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_declared_order(order):
    assert math.log2(error(80, order) / error(160, order)) == pytest.approx(order, abs=0.25)


def test_a_step_costs_one_evaluation_and_is_watched_where_it_begins():
    calls, begins = [], []

    def slope(y, step):
        calls.append(step)
        return torch.full_like(y, 3.0)

    y = adams_flow(slope, torch.zeros(2), clocks(5), watch=lambda y, step: begins.append(float(y[0])))
    assert calls == [0, 1, 2, 3, 4]
    assert begins == pytest.approx([0, 0.6, 1.2, 1.8, 2.4])
    torch.testing.assert_close(y, torch.full((2,), 3.0))


def test_parts_may_have_their_own_clocks():
    """Two numbers with slopes y in clocks of lengths 1 and 2, unequally spaced: e and e²."""
    speed = torch.tensor([1.0, 2.0], dtype=torch.float64)
    times = [speed * (k / 200) ** 1.5 for k in range(201)]
    y = adams_flow(lambda y, step: y, torch.ones(2, dtype=torch.float64), times)
    torch.testing.assert_close(y, speed.exp(), rtol=1e-5, atol=0)


def test_integrals_of_lagrange_polynomials():
    """Through the cubes of four clocks: the integral of t³ from 1 to 3 is 20."""
    nodes = [0.5, 0.0, -1.0, -2.5]
    assert sum(
        a * t**3 for a, t in zip(lagrange_integrals(nodes, 1.0, 3.0), nodes, strict=True)
    ) == pytest.approx(20)
