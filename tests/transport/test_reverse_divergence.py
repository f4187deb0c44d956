"""Estimators of the gradient: all have the same mean, and the path gradient has no noise where q = p."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from emulant.transport.reverse_divergence import ESTIMATORS

REPEATS = 500
"""Independent estimates, whose spread is the error of their mean."""


class Affine(nn.Module):
    """Fields exp(a) z + b of standard normal z."""

    def __init__(self, a, b):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([a, b], dtype=torch.float64))

    def transported(self, z: Tensor) -> tuple[Tensor, Tensor]:
        a, b = self.theta
        return a.exp() * z + b, self._normal(z) - z.shape[1] * a

    def density(self, fields: Tensor) -> Tensor:
        return self._at(fields, self.theta)

    def fixed_density(self, fields: Tensor) -> Tensor:
        return self._at(fields, self.theta.detach())

    def _at(self, fields, theta):
        a, b = theta
        return self._normal((fields - b) / a.exp()) - fields.shape[1] * a

    def _normal(self, z):
        return (-0.5 * z.square() - 0.5 * np.log(2 * np.pi)).sum(1)


def gaussian(fields):
    """The action of independent numbers of variance 1.69."""
    return 0.5 * (fields / 1.3).square().sum(1)


def quartic(fields):
    return (0.5 * fields.square() + 0.1 * fields**4).sum(1)


def gradients(name, flow, action, count, seed):
    latents = torch.randn(count, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    loss = ESTIMATORS[name].loss(flow, action, latents)
    return loss, torch.autograd.grad(loss, flow.theta)[0]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_value_is_the_mean_of_ln_q_and_the_action(name):
    flow = Affine(0.1, 0.3)
    latents = torch.randn(100, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    fields, log_q = flow.transported(latents)
    loss, _ = gradients(name, flow, quartic, 100, 1)
    assert float(loss.detach()) == pytest.approx(float((log_q + quartic(fields)).mean().detach()), abs=1e-9)


@pytest.mark.parametrize("name", ["path", "reinforce"])
def test_estimators_have_the_same_mean(name):
    """Two components of each within 4.5 errors of the reparametrised one: false once in 35,000 runs.

    Small batches, as a baseline that knew its own sample would be biased by 1/N.
    """
    flow = Affine(0.2, 0.4)
    estimates = {
        which: np.array([gradients(which, flow, quartic, 4, seed)[1].numpy() for seed in range(REPEATS)])
        for which in ("reparametrised", name)
    }
    difference = estimates[name] - estimates["reparametrised"]
    error = difference.std(0) / np.sqrt(len(difference))
    assert (abs(difference.mean(0)) < 4.5 * error).all()
    assert (error < 0.2 * abs(estimates["reparametrised"].mean(0))).all()


def test_the_path_gradient_has_no_noise_where_the_law_is_right():
    """Of one sample; the reparametrised gradient of the same sample is as large as a weight's, REINFORCE's signal is 0."""
    flow = Affine(float(np.log(1.3)), 0.0)
    by_name = {name: gradients(name, flow, gaussian, 2, 3)[1].abs().max() for name in ESTIMATORS}
    assert by_name["path"] < 1e-12 and by_name["reinforce"] < 1e-12
    assert by_name["reparametrised"] > 0.1


def test_a_wrong_gradient_is_told():
    """Without the part that the inverse carries, the mean of the reparametrised gradient is missed by many errors."""
    flow = Affine(0.2, 0.4)
    wrong, right = [], []
    for seed in range(200):
        latents = torch.randn(4, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        fields, _ = flow.transported(latents)
        wrong.append(torch.autograd.grad(quartic(fields).mean(), flow.theta)[0].numpy())
        right.append(gradients("reparametrised", flow, quartic, 4, seed)[1].numpy())
    difference = np.array(wrong) - np.array(right)
    assert (abs(difference.mean(0)) > 4.5 * difference.std(0) / np.sqrt(200)).any()
