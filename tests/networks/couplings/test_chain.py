"""Invertible layers: inverses, determinants against autograd's Jacobian, symmetries, and the identity at first."""

import math

import pytest
import torch

from emulant.networks.couplings.chain import Chain
from emulant.networks.couplings.checkerboard import AffineCoupling, checkerboard
from emulant.networks.couplings.conditioners import DenseConditioner, LatticeConditioner
from emulant.networks.couplings.pointwise import SiteLayer, ZeroModeLayer
from emulant.networks.couplings.spectral import SpectralLayer
from emulant.networks.couplings.spline import OddSpline

SHAPES = [(6,), (4, 4), (2, 6), (2, 4, 2)]

LAYERS = {
    "spectral": lambda shape: SpectralLayer(shape, 4, 1),
    "sites": lambda shape: SiteLayer(math.prod(shape), OddSpline(4, 2.5, 0.8)),
    "zero_mode": lambda shape: ZeroModeLayer(math.prod(shape), OddSpline(4, 2.5, 1.3)),
    "black": lambda shape: AffineCoupling(shape, 0, LatticeConditioner(shape, [3, 3], 0.8)),
    "white": lambda shape: AffineCoupling(shape, 1, LatticeConditioner(shape, [3], 0.8)),
}
PLAIN = {"dense": lambda shape: AffineCoupling(shape, 1, DenseConditioner(shape, [5, 5]))}
WHOLE = {"chain": lambda shape: Chain([build(shape) for build in (LAYERS | PLAIN).values()])}


def layer_of(name, shape):
    """A layer in double precision whose weights are by chance."""
    torch.manual_seed(3)
    layer = (LAYERS | PLAIN | WHOLE)[name](shape).double()
    with torch.no_grad():
        for weight in layer.parameters():
            weight.add_(0.4 * torch.randn_like(weight))
    return layer


def fields_of(shape, count=5):
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def inverted(layer, fields):
    return layer(fields, "inverse") if isinstance(layer, Chain) else layer.inverse(fields)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LAYERS | PLAIN | WHOLE)
def test_a_layer_is_inverted(name, shape):
    layer, fields = layer_of(name, shape), fields_of(shape)
    moved, log_det = layer(fields)
    again, opposite = inverted(layer, moved)
    assert (moved - fields).abs().max() > 0.01
    torch.testing.assert_close(again, fields, atol=1e-9, rtol=0)
    torch.testing.assert_close(opposite, -log_det, atol=1e-9, rtol=0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LAYERS | PLAIN | WHOLE)
def test_a_determinant_is_that_of_the_jacobian(name, shape):
    layer, fields = layer_of(name, shape), fields_of(shape, 2)
    _, log_det = layer(fields)
    for field, value in zip(fields, log_det, strict=True):
        jacobian = torch.autograd.functional.jacobian(lambda x: layer(x[None])[0][0], field)
        exact = torch.linalg.slogdet(jacobian.reshape(field.numel(), field.numel()))
        assert float(exact.sign) == 1
        assert float(value.detach()) == pytest.approx(float(exact.logabsdet), abs=1e-10)


@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_the_identity_at_first(name):
    fields = fields_of((4, 4)).float()
    moved, log_det = LAYERS[name]((4, 4))(fields)
    torch.testing.assert_close(moved, fields, atol=1e-6, rtol=0)
    assert log_det.dtype == torch.float64 and log_det.abs().max() < 1e-5


SYMMETRIES = {
    "sign": lambda x: -x,
    "even_step": lambda x: x.roll(2, 1),
    "diagonal_step": lambda x: x.roll((1, -1), (1, 2)),
    "inversion_at_a_site": lambda x: x.flip(1, 2).roll((1, 1), (1, 2)),
    "reflection_at_a_site": lambda x: x.flip(2).roll(1, 2),
    "exchange": lambda x: x.transpose(1, 2),
}


@pytest.mark.parametrize("symmetry", SYMMETRIES)
@pytest.mark.parametrize("name", LAYERS)
def test_layers_have_the_symmetries_that_keep_the_colours(name, symmetry):
    layer, change = layer_of(name, (4, 4)), SYMMETRIES[symmetry]
    fields = fields_of((4, 4))
    moved, log_det = layer(fields)
    of_changed, same = layer(change(fields))
    torch.testing.assert_close(of_changed, change(moved), atol=1e-12, rtol=0)
    torch.testing.assert_close(same, log_det, atol=1e-12, rtol=0)


def test_a_dense_coupling_has_no_symmetry():
    layer, fields = layer_of("dense", (4, 4)), fields_of((4, 4))
    for change in SYMMETRIES.values():
        assert (layer(change(fields))[0] - change(layer(fields)[0])).abs().max() > 0.01


def test_a_coupling_moves_one_colour():
    layer, fields = layer_of("black", (4, 4)), fields_of((4, 4))
    moving = checkerboard((4, 4), 0).bool()
    moved, _ = layer(fields)
    assert torch.equal(moved[:, ~moving], fields[:, ~moving])
    assert (moved[:, moving] != fields[:, moving]).all()
    assert torch.equal(checkerboard((4, 4), 0) + checkerboard((4, 4), 1), torch.ones(4, 4))


def test_an_odd_side_is_no_checkerboard():
    with pytest.raises(ValueError, match="even sides"):
        checkerboard((4, 3), 0)


def test_the_spectral_layer_multiplies_waves_of_one_momentum_alike():
    layer = layer_of("spectral", (4, 4))
    x = torch.arange(4, dtype=torch.float64) * math.pi / 2
    along = [x.cos()[:, None].expand(4, 4), x.sin()[None].expand(4, 4)]
    gains = {
        round(float((layer(wave[None])[0][0] / wave)[1, 1].detach()), 12) for wave in map(shifted, along)
    }
    assert len(gains) == 1
    assert float(layer(torch.ones(1, 4, 4).double())[0].std().detach()) < 1e-12


def shifted(wave):
    """A wave without zeros at its sites."""
    return wave + wave.roll((1, 1), (0, 1))


def test_the_zero_mode_moves_alone():
    layer, fields = layer_of("zero_mode", (4, 4)), fields_of((4, 4))
    moved, _ = layer(fields)
    change = moved - fields
    torch.testing.assert_close(change, change.mean((1, 2), keepdim=True).expand_as(change))
    assert (change.mean((1, 2)).abs() > 1e-3).all()
