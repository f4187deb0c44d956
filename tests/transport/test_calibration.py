import numpy as np
import torch
from scipy.stats import norm

from emulant.transport.calibration import Calibration, half_normal_basis
from emulant.transport.measures import ModeMeasure

SHAPE = (6, 6)


def two_phases(count):
    """White noise around +-1, and its measure."""
    generator = torch.Generator().manual_seed(1)
    sign = torch.where(torch.rand(count, 1, 1, generator=generator) < 0.5, -1.0, 1.0)
    fields = sign + 0.5 * torch.randn(count, *SHAPE, generator=generator)
    return fields, ModeMeasure.fit(fields, zero_mode_components=2)


def explained(calibration, measure, x, noise):
    """The fields to subtract."""
    whitened = measure.transform(measure.whitened(x, noise))
    return measure.inverse(calibration.explained(measure, x, whitened, noise))


def test_the_basis_is_orthonormal():
    nodes, weights = np.polynomial.legendre.leggauss(400)
    y = torch.from_numpy(np.concatenate([1.5 * (nodes + 1), 3 + 4.5 * (nodes + 1)]))
    weights = np.concatenate([1.5 * weights, 4.5 * weights]) * 2 * norm.pdf(y.numpy())
    functions = half_normal_basis(y).numpy()
    np.testing.assert_allclose(
        (functions * weights[:, None]).T @ functions, np.eye(functions.shape[1]), atol=1e-9
    )
    torch.testing.assert_close(half_normal_basis(-y), -half_normal_basis(y))


def test_it_removes_what_the_measure_explains_and_nothing_else():
    fields, measure = two_phases(40_000)

    def wrong(x, noise):
        """A linear error in each mode, one of the order parameter, and a term that no mode explains."""
        modes = measure.transform(0.2 * measure.whitened(x, noise))
        latent = measure.zero_mode.to_latent(measure.zero_mode_of(x), noise)
        modes[measure.origin] = (0.1 * latent.sign() + 0.3 * latent).to(x.dtype)
        cubic = torch.cos(x) * torch.sin(x.roll(1, 1)) * torch.cos(2 * x.roll(2, 2))
        return measure.inverse(modes) + 0.1 * cubic

    levels = [0.1, 0.5, 2.0]
    calibration = Calibration.measure(wrong, measure, fields, levels, torch.Generator().manual_seed(2))
    again = Calibration.measure(
        lambda x, s: wrong(x, s) - explained(calibration, measure, x, s),
        measure,
        fields,
        levels,
        torch.Generator().manual_seed(3),
    )
    assert float(calibration.linear[1:].abs().mean()) > 0.15
    # 13000 fields a level: errors of 1/sqrt(13000) times what no mode explains, at most 0.05; four to five errors.
    assert float(again.linear.abs().max()) < 0.002
    assert float(again.zero.abs().max()) < 0.002
    x, noise = fields[:100], torch.full((100,), 0.5, dtype=torch.float64)
    left = wrong(x, noise) - explained(calibration, measure, x, noise)
    assert float(left.square().mean()) > 1e-4


def test_noise_of_the_fit_moves_no_field_however_far_it_is():
    """A residual of pure noise: 2000 fields find it zero but for sqrt(sum_k f_k^2 / 2000) of its size, anywhere."""
    fields, measure = two_phases(2000)
    generator = torch.Generator().manual_seed(5)
    calibration = Calibration.measure(
        lambda x, s: torch.randn(x.shape, generator=generator), measure, fields, [2.0], generator
    )
    x = torch.linspace(-30, 30, 601).reshape(-1, 1, 1).expand(-1, *SHAPE)
    noise = torch.full((len(x),), 2.0, dtype=torch.float64)
    moved = measure.zero_mode_of(explained(calibration, measure, x, noise))
    # sum_k f_k^2 is 196 at most: errors of 0.31, times 4.
    assert float(moved.abs().max()) < 1.25


def test_it_vanishes_at_zero_noise_and_survives_a_file():
    fields, measure = two_phases(2000)
    calibration = Calibration.measure(
        lambda x, s: 0.3 * measure.whitened(x, s), measure, fields, [0.5], torch.Generator().manual_seed(4)
    )
    x, still = fields[:4], torch.zeros(4, dtype=torch.float64)
    assert float(explained(calibration, measure, x, still).abs().max()) == 0
    same = Calibration.from_tensors(calibration.tensors())
    some = torch.tensor([0.1, 0.4, 0.5, 9.0], dtype=torch.float64)
    one, two = (explained(c, measure, x, some) for c in (calibration, same))
    torch.testing.assert_close(one, two, atol=0, rtol=0)
