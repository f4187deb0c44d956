"""The flow of complexified fields: its Gaussian in closed form, its symmetries, and a chain against the transfer matrix."""

import math

import numpy as np
import pytest
import torch

from emulant.families.complexified_flow.covariants import PARITIES, covariants
from emulant.families.complexified_flow.model import Model
from emulant.families.complexified_flow.modes import momenta, reversed_momenta
from emulant.families.complexified_flow.pair_law import PairLaw, charged_pair, components, free_inverse
from emulant.stages.training import read_training
from emulant.systems.bose_gas.system import from_settings
from emulant.worldlines.action import BoseGas
from emulant.worldlines.transfer_matrix import transfer_matrix
from tests.references import sample_reference

GAS = BoseGas((2, 4), 1.0, 1.0, 0.7)
CHAIN = {"kind": "bose_gas", "mass": 1.0, "lambda": 1.0, "shape": [6], "mu": [0.4, 0.7, 0.8, 0.9]}
SETTINGS = {"name": "chain", "trained_at": [0.4, 0.7, 0.9], "powers": 3, "levels": 8, "ridge": 1e-4}


def normal(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.complex64)


@pytest.fixture(scope="module")
def law():
    """A Gaussian with a constant self-energy."""
    product = 1 / (free_inverse(GAS) + 0.8)
    return PairLaw(product[None], 0.3 * product.abs()[None])


@pytest.fixture(scope="module")
def averages(tmp_path_factory):
    """Observables of 16384 fields of a chain at four chemical potentials, of the flow and of its Gaussian."""
    system, file = from_settings(CHAIN), tmp_path_factory.mktemp("chain") / "training.h5"
    settings = {
        "sampler": "complex_langevin",
        "samples": 4096,
        "records": 32,
        "langevin_time": 48.0,
    }
    sample_reference(system, file, settings=settings, seed=2, checkpoint=file.with_suffix(".npz"))
    model = Model.build(
        {**SETTINGS, "generation": {"steps": 4}}, read_training([file], system, SETTINGS).samples, system
    )
    generator, carried = torch.Generator().manual_seed(3), {}
    for number in range(model.rounds):
        model.fit_round(number, generator, carried)
    model.calibrate(None, generator)
    fields = (model.sample(16384, generator), model.sample_variant("gaussian", 16384, generator))
    return tuple(system.view(one.values.numpy()).averages.parts for one in fields)


def test_fields_and_components_are_inverse_and_those_of_the_action():
    fields = torch.randn(3, 4, 2, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    phi, chi = charged_pair(fields, 1)
    expected, bar = GAS.pair(fields.numpy())
    np.testing.assert_allclose(phi.numpy(), expected, atol=1e-14)
    np.testing.assert_allclose(chi.numpy(), bar.conj(), atol=1e-14)
    torch.testing.assert_close(components(phi, chi, 1), fields)


def test_free_langevin_has_the_inverse_of_the_action_as_its_propagator():
    """The drift of a plane wave of phi, chi = 0, is -a_p times it: BoseGas.drift without coupling."""
    gas = BoseGas((2, 4), 1.0, 0.0, 0.7)
    time = torch.arange(4) * momenta(gas.shape)[1][0, 1]
    phi = torch.exp(1j * time).expand(1, 2, 4).to(torch.complex128)
    drift = gas.drift(components(phi, torch.zeros_like(phi), 1).numpy())
    moved = torch.from_numpy((drift[:, 0] + 1j * drift[:, 1]) / math.sqrt(2))
    torch.testing.assert_close(moved, -free_inverse(gas)[0, 1] * phi)


def test_modes_of_unit_covariance_and_fields_are_inverse(law):
    modes = normal(5, 1, 2, 2, 4)
    torch.testing.assert_close(law.whitened(*law.fields(modes)), modes, atol=1e-5, rtol=1e-5)


def test_the_gaussian_has_its_density_in_closed_form(law):
    """Real parts of density and <|phi|^2> are sums over modes, imaginary ones vanish; 4 numbers below 4.4: 5e-5."""
    phi, chi = law.fields(normal(16384, 1, 2, 2, 4))
    values = GAS.observables(components(phi[:, 0], chi[:, 0], 1).double().numpy())[:, :2]
    time = momenta(GAS.shape)[1]
    current = torch.exp(GAS.mu + 1j * time) - torch.exp(-GAS.mu - 1j * time)
    exact = [(law.product[0] * factor).mean() for factor in (current, torch.ones_like(time))]
    for column, value in zip(values.T, exact, strict=True):
        assert abs(float(value.imag)) < 1e-12
        for part, wanted in ((column.real, float(value.real)), (column.imag, 0.0)):
            assert abs(part.mean() - wanted) < 4.4 * part.std() / math.sqrt(len(part))


def test_covariants_have_charge_one_and_their_parities(law):
    """A global phase multiplies them; phi <-> chi with t -> -t is u -> u, w -> -w of the modes at reversed momenta."""
    modes = normal(4, 1, 2, 2, 4)
    columns, phase = covariants(law, modes), torch.exp(torch.tensor(0.7j))
    torch.testing.assert_close(covariants(law, phase * modes), phase * columns, atol=1e-5, rtol=1e-4)
    signs = PARITIES.float().reshape(-1, 1, 1)
    exchanged = signs[:2] * reversed_momenta(modes, (-1,))
    expected = signs * reversed_momenta(columns, (-1,))
    torch.testing.assert_close(covariants(law, exchanged), expected, atol=1e-5, rtol=1e-4)
    conjugate = reversed_momenta(modes, (-2, -1)).conj()
    expected = reversed_momenta(columns, (-2, -1)).conj()
    torch.testing.assert_close(covariants(law, conjugate), expected, atol=1e-5, rtol=1e-4)


def test_a_chain_is_that_of_the_transfer_matrix_where_it_was_trained_and_between(averages):
    """Density, |phi|^2, |phi|^4 at 0.4, 0.7, 0.9 and at 0.8, which no training saw; imaginary parts vanish.

    Errors are those of the 16384 fields and of the training's 4096. 24 numbers below 4.4: 3e-4.
    """
    flow, _ = averages
    for k, mu in enumerate(CHAIN["mu"]):
        exact = transfer_matrix(BoseGas((6,), 1.0, 1.0, mu))
        for column, value in enumerate(exact):
            for part, wanted in enumerate((float(value), 0.0)):
                values = flow[:, k, column, part]
                assert abs(values.mean() - wanted) < 4.4 * values.std() * math.sqrt(1 / 16384 + 1 / 4096)


def test_the_gaussian_alone_is_refused_by_the_fourth_power(averages):
    """Five errors above the transfer matrix at every chemical potential, density and |phi|^2 right."""
    _, gaussian = averages
    for k, mu in enumerate(CHAIN["mu"]):
        exact = transfer_matrix(BoseGas((6,), 1.0, 1.0, mu))
        mean, error = gaussian[:, k, :, 0].mean(0), gaussian[:, k, :, 0].std(0) / math.sqrt(16384)
        assert mean[2] - exact.fourth > 5 * error[2]
        assert abs(mean[:2] - [exact.density, exact.squared]) @ (1 / error[:2]) < 2 * 4.4 * math.sqrt(
            1 + 16384 / 4096
        )
