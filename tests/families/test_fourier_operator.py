"""The Fourier operator: both planes have the same axes, and turned copies are pairs again."""

import pytest
import torch

from emulant.families.fourier_operator import Model
from emulant.networks.fourier_operator import FourierOperator
from tests.families.test_responses import pairs, responding
from tests.systems.hydro_spectra.spectra import system


@pytest.fixture(scope="module")
def model():
    return Model.build({"channels": 4, "modes": 3, "layers": 2}, pairs(), system())


def test_what_is_large_along_x_is_emitted_along_x(model, monkeypatch):
    """Fields 2 and 3 are y and x of a cell; read at (p_T, phi) they are proportional to sin phi and cos phi."""
    inputs, viscosity = pairs().inputs[:1], torch.tensor([0.1])
    phi = 2 * torch.pi * torch.arange(16) / 16
    for field, wave in ((2, phi.sin()), (3, phi.cos())):
        monkeypatch.setattr(
            model.network, "forward", lambda fields, field=field: fields[:, field : field + 1]
        )
        read = model._scaled(inputs, viscosity)[0, 0]
        torch.testing.assert_close(read[4] / read[4].abs().max(), wave, atol=1e-5, rtol=0)


def test_turned_copies_are_pairs(model, monkeypatch):
    """With the law itself in the place of the operator the loss vanishes whatever the symmetry, and not with another."""

    def law(densities, viscosity):
        spectra = responding(densities, viscosity, 0.0)
        return (spectra.log() - model.mean) / model.deviation

    rows = tuple(row[:8] for row in model.examples(pairs(), 1).rows)
    monkeypatch.setattr(model, "_scaled", law)
    for seed in range(12):
        assert model.loss(rows, torch.Generator().manual_seed(seed)) < 1e-6
    monkeypatch.setattr(model, "_scaled", lambda densities, viscosity: law(densities.flip(1), viscosity))
    assert model.loss(rows, torch.Generator()) > 1e-2


def test_the_operator_commutes_with_shifts():
    """Its weights know waves and not places."""
    torch.manual_seed(1)
    operator = FourierOperator(2, 1, 4, 3, 2)
    torch.nn.init.normal_(operator.last.weight)
    fields = torch.randn(2, 2, 12, 12)
    torch.testing.assert_close(
        operator(fields.roll((2, 5), (2, 3))), operator(fields).roll((2, 5), (2, 3)), atol=1e-5, rtol=1e-5
    )
