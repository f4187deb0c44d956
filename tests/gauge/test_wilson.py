"""The Wilson action with loops of two plaquettes: its loops, derivatives, symmetries, stiffness and identity."""

import numpy as np
import pytest
import torch

from emulant.gauge.exact import Torus
from emulant.gauge.exact_sampler import exact_links, exact_plaquettes
from emulant.gauge.symmetries import conjugated, gauge_transformed, reflected, rotated, translated
from emulant.gauge.wilson import action, gradient, schwinger_dyson, stiffness

BETA, C = 1.3, 0.4


def links_of(count, shape=(4, 5), seed=1):
    generator = torch.Generator().manual_seed(seed)
    return (2 * torch.rand(count, 2, *shape, generator=generator, dtype=torch.float64) - 1) * np.pi


def test_the_longer_loops_are_those_of_six_links():
    links = links_of(3).numpy()
    total = action(links, BETA)
    _, _, times, spaces = links.shape
    for t in range(times):
        for s in range(spaces):
            at = [(0, 0, 0, 1), (0, 1, 0, 1), (1, 2, 0, 1), (0, 1, 1, -1), (0, 0, 1, -1), (1, 0, 0, -1)]
            long = [(0, 0, 0, 1), (1, 1, 0, 1), (1, 1, 1, 1), (0, 0, 2, -1), (1, 0, 1, -1), (1, 0, 0, -1)]
            for loop in (at, long):
                angle = sum(
                    sign * links[:, mu, (t + dt) % times, (s + ds) % spaces] for mu, dt, ds, sign in loop
                )
                total = total - C * np.cos(angle)
    np.testing.assert_allclose(action(links, BETA, C), total, atol=1e-12)


def test_the_gradient_is_the_derivative():
    links = links_of(3).requires_grad_()
    (derivative,) = torch.autograd.grad(action(links, BETA, C).sum(), links)
    torch.testing.assert_close(gradient(links.detach(), BETA, C), derivative, atol=1e-12, rtol=0)
    np.testing.assert_allclose(gradient(links.detach().numpy(), BETA, C), derivative.numpy(), atol=1e-12)


@pytest.mark.parametrize("symmetry", [gauge_transformed, translated, reflected, rotated, conjugated])
def test_symmetries_leave_the_action_alone(symmetry):
    links, generator = links_of(4, (4, 4)), torch.Generator().manual_seed(2)
    for _ in range(4):
        moved = symmetry(links, generator)
        torch.testing.assert_close(action(moved, BETA, C), action(links, BETA, C), atol=1e-10, rtol=0)


@pytest.mark.parametrize(("beta", "c"), [(2.0, 0.0), (2.0, 0.5), (2.0, 0.1), (1.0, -0.1)])
def test_the_stiffness_is_the_largest_eigenvalue(beta, c):
    """On 6 x 6 waves of links are coarse: below the maximum over all waves by less than 7 %, never above."""
    zero = torch.zeros(72, dtype=torch.float64)
    hessian = torch.autograd.functional.hessian(lambda x: action(x.reshape(1, 2, 6, 6), beta, c).sum(), zero)
    largest = float(torch.linalg.eigvalsh(hessian)[-1])
    assert 0.93 * stiffness(beta, c) < largest < stiffness(beta, c) + 1e-9


def test_the_identity_of_schwinger_and_dyson():
    """Exact configurations weighed by the longer loops obey it within 4.5 errors (7e-6), and not with half of c."""
    torus, generator = Torus(2.0, 16), np.random.default_rng(3)
    links = exact_links(exact_plaquettes(torus, 20000, generator).angles, (2, 4, 4), generator)
    log_weight = action(links, 2.0) - action(links, 2.0, 0.1)
    weight = np.exp(log_weight - log_weight.max())
    pulls = []
    for c in (0.1, 0.05):
        violation = schwinger_dyson(links, 2.0, c)
        error = np.sqrt(((weight * violation) ** 2).sum())
        pulls.append(abs(weight @ violation) / error)
    assert pulls[0] < 4.5 < 10 < pulls[1]
    assert not schwinger_dyson(links[:2], 0.0).any()
