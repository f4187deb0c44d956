"""Heads of all sites at once and one by one, mixtures of von Mises laws, masked convolutions."""

import math

import pytest
import torch

from emulant.networks.pixel_cnn import Drawing, PixelCNN
from emulant.networks.site_heads import SiteHeads
from emulant.networks.von_mises import mixture_of


def network_of():
    torch.manual_seed(1)
    network = SiteHeads(torch.randn(2, 6, 3, 4), hidden=5, rank=2)
    torch.nn.init.normal_(network.readout)
    return network


def test_one_head_is_that_of_all():
    inputs = torch.randn(2, 7, 6, 4)
    with torch.no_grad():
        heads = network_of()(torch.tensor([[0.3, 0.7], [1.0, 0.0]]))
        every = heads.everywhere(inputs)
        for site in range(6):
            torch.testing.assert_close(heads.at(site, inputs[0, :, site]), every[0, :, site])
        torch.testing.assert_close(heads.everywhere(-inputs), -every)


def test_heads_are_linear_between_conditions():
    network, inputs = network_of(), torch.randn(1, 7, 6, 4)
    with torch.no_grad():
        one, two, between = (
            network(torch.tensor([w])).everywhere(inputs) for w in ([1.0, 0.0], [0.0, 1.0], [0.25, 0.75])
        )
    torch.testing.assert_close(between, 0.25 * one + 0.75 * two, atol=1e-5, rtol=1e-4)


def test_mixtures_are_normalised_and_have_no_seam():
    numbers = torch.randn(5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    law = mixture_of(numbers, torch.linspace(0, 4, 5, dtype=torch.float64))
    angles = 2 * math.pi * torch.arange(256, dtype=torch.float64) / 256
    density = torch.stack([law.log_density(angle.expand(5)) for angle in angles]).exp()
    torch.testing.assert_close(density.mean(0), torch.ones(5, dtype=torch.float64), atol=1e-10, rtol=0)
    ends = (law.log_density(torch.full((5,), s * math.pi, dtype=torch.float64)) for s in (1, -1))
    torch.testing.assert_close(*ends)


@pytest.mark.parametrize("depth", [2, 3])
def test_outputs_see_the_sites_before_alone(depth):
    torch.manual_seed(1)
    network = PixelCNN(1, 2, depth, 3, reach=2).double()
    fields = torch.randn(1, 1, 4, 5, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda f: network(f).sum(1), fields).reshape(20, 20)
    assert not jacobian.triu().any() and jacobian.tril(-1).any(1)[1:].all()


def test_a_drawing_is_the_network_site_by_site():
    torch.manual_seed(1)
    network, fields = PixelCNN(1, 2, 3, 4, reach=2), torch.randn(6, 1, 4, 5)
    with torch.no_grad():
        drawing, every = Drawing(network, 6, (4, 5)), network(fields)
        for site in range(20):
            y, x = divmod(site, 5)
            torch.testing.assert_close(drawing.outputs(y, x), every[:, :, y, x], atol=1e-6, rtol=1e-5)
            drawing.put(y, x, fields[:, :, y, x])
