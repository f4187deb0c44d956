"""The published path sampler: its grid, noise and drifts as described, ln Z that is known, a loss that falls."""

import pytest
import torch

from emulant.families.sps_baseline.model import Model
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from tests.families.chains import transfer_matrix_log_z

SETTINGS = {
    "name": "sps_baseline",
    "family": "sps_baseline",
    "channels": 4,
    "fit": {"steps": 6},
    "training": {"steps": 60, "batch": 64},
    "generation": {"steps": 12},
}
CHAIN = (0.2, 0.1, (4,))


def built():
    torch.manual_seed(1)
    return Model.build(SETTINGS, None, Phi4(*CHAIN))


@pytest.fixture(scope="module")
def trained():
    """Thirty steps of Adam on the mean work."""
    model, generator = built(), torch.Generator().manual_seed(2)
    optimizer = torch.optim.Adam(model.network.parameters(), lr=0.003, betas=(0.9, 0.99))
    for _ in range(30):
        optimizer.zero_grad()
        model.loss(torch.empty(64, 0), generator).backward()
        optimizer.step()
    return model


def work(model, count=4096):
    return model.sample(count, torch.Generator().manual_seed(9)).work.numpy()


def test_ln_z_of_a_chain_is_that_of_its_transfer_matrix(trained):
    """Within 4 errors, fresh and trained, at twice the steps of the training."""
    exact = transfer_matrix_log_z(0.2, 0.1, 4)
    for model in (built(), trained):
        value, error = minus_log_mean(-work(model))
        assert abs(value + exact) < 4 * error < 0.1


def test_training_makes_paths_reversible(trained):
    """The mean work falls by a tenth of a nat at least and stays above -ln Z; the effective part grows."""
    fresh = built()
    assert trained.network.ahead.layers[-1].weight.any()
    assert work(trained).mean() < work(fresh).mean() - 0.1
    assert work(trained).mean() > -transfer_matrix_log_z(0.2, 0.1, 4)
    fractions = [effective_fraction(-work(model))[0] for model in (fresh, trained)]
    assert fractions[0] + 0.05 < fractions[1]


def test_steps_are_as_published(trained):
    """s_k = sigma(t_k)/sqrt(N) with sigma in (0, 1); displacements s^2/2 times drifts of the step's own time, both ways."""
    paths, network = trained.paths_of(4), trained.network
    fields = torch.randn(3, 4, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        for level in range(4):
            t = (level + 1) / 4
            noise = paths.drifts.noise(level)
            assert 0 < float(noise) < 0.5 and float(noise) == pytest.approx(float(network.noise(t)) / 2)
            ahead, _ = paths.drifts.displacements(level, fields)
            _, back = paths.drifts.displacements(level + 1, fields)
            torch.testing.assert_close(ahead, 0.5 * noise**2 * network.ahead(fields, t))
            torch.testing.assert_close(back, 0.5 * noise**2 * network.back(fields, t))


def test_paths_begin_with_white_noise(trained):
    assert (trained.start.inverse_power == 1).all() and trained.evaluations == 13
