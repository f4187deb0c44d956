import numpy as np
import pytest
import torch

from emulant.lattice.action import action, gradient, schwinger_dyson


@pytest.mark.parametrize("shape", [(7,), (4, 5), (3, 4, 2), (2, 3, 2, 3)])
def test_gradient_is_the_derivative_of_the_action(shape):
    fields = torch.randn(
        2, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1)
    ).requires_grad_()
    (exact,) = torch.autograd.grad(action(fields, 0.23, 0.02).sum(), fields)
    torch.testing.assert_close(gradient(fields.detach(), 0.23, 0.02), exact)


def test_numpy_and_torch_agree_and_the_action_is_even():
    fields = np.random.default_rng(2).normal(size=(3, 4, 6))
    np.testing.assert_allclose(action(fields, 0.3, 0.1), action(torch.from_numpy(fields), 0.3, 0.1).numpy())
    np.testing.assert_allclose(action(-fields, 0.3, 0.1), action(fields, 0.3, 0.1))
    constant = np.full((1, 4, 4), 2.0)
    assert action(constant, 0.3, 0.1)[0] == pytest.approx(16 * (-2 * 0.3 * 2 * 4 + 0.8 * 4 + 0.1 * 16))
    assert schwinger_dyson(constant, 0.3, 0.1)[0] == pytest.approx(
        2 * (2 * 2 * 0.8 + 4 * 0.1 * 8 - 4 * 0.3 * 4)
    )
