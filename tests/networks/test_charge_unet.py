"""The U-Net of charges: exchanged or turned maps give exchanged or turned answers, and it begins by saying nothing."""

import pytest
import torch

from emulant.networks.charge_unet import ChargeUNet


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    network = ChargeUNet(3, 2, 4, 5).double()
    maps, embedding = (
        torch.randn(3, 3, 2, 16, 24, dtype=torch.float64),
        torch.randn(3, 5, dtype=torch.float64),
    )
    assert not network(maps, embedding).any()
    for parameter in network.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)
    return network, maps, embedding


@pytest.mark.parametrize("move", [lambda x: x.flip(-3), lambda x: x.roll(12, -1)], ids=["charges", "turn"])
def test_it_commutes_with_exchanges_and_half_turns(network, move):
    """To rounding, in double precision; other turns and the embedding change the answer."""
    network, maps, embedding = network
    answer = network(maps, embedding)
    torch.testing.assert_close(network(move(maps), embedding), move(answer), atol=1e-12, rtol=1e-9)
    quarter = network(maps.roll(6, -1), embedding).roll(-6, -1)
    assert (quarter - answer).abs().max() > 1e-3 * answer.abs().max()
    assert (network(maps, embedding.flip(0)) - answer).abs().max() > 1e-3 * answer.abs().max()
