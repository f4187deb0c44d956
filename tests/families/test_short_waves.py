"""Short waves learn to live with long ones that no noise reaches."""

from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file

from emulant.contracts.family import Examples
from emulant.errors import InputError
from emulant.families import load_model
from emulant.families.short_waves import Model
from emulant.storage.records import write_json
from emulant.transport.long_waves import long_waves

SETTINGS = {
    "name": "ve_diffusion",
    "family": "short_waves",
    "long_waves": 8,
    "target": "local_forces",
    "path": {"kind": "variance_exploding", "sigma": 25.0},
    "network": {"kind": "lattice", "channels": 4, "blocks": 1},
    "generation": {"solver": "latent_flow", "steps": 8},
}
POWER = 2.0
FREE = SimpleNamespace(
    action=lambda fields: fields.square().flatten(1).sum(1) / (2 * POWER),
    gradient=lambda fields: fields / POWER,
)
"""exp(-S) with independent modes of power POWER."""


def quenched(count, seed=1, *, power=POWER):
    """Equilibrium at short waves; the long ones have two values each, as no Gaussian has."""
    generator = torch.Generator().manual_seed(seed)
    white = power**0.5 * torch.randn(count, 8, 8, generator=generator)
    mask = long_waves((8, 8), 8)
    modes = torch.fft.rfftn(white, dim=(1, 2), norm="ortho")
    size = 20.0 * (torch.rand(count, 1, 1, generator=generator) < 0.3) + 1.0
    phase = torch.where(mask, size * modes / modes.abs(), modes)
    return torch.fft.irfftn(phase, s=(8, 8), dim=(1, 2), norm="ortho")


def power_of(fields, *mode):
    return torch.fft.rfftn(fields.double(), dim=(1, 2), norm="ortho").abs().square()[(slice(None), *mode)]


def test_an_untrained_model_has_both_laws():
    """Long waves keep their two values, short ones their power; 4 errors."""
    model = Model.build(SETTINGS, quenched(20_000), FREE)
    generated = model.sample(8000, torch.Generator().manual_seed(2)).values
    assert float((power_of(generated, 1, 0) > 100).double().mean()) == pytest.approx(0.3, abs=4 * 0.0055)
    short = power_of(generated, 3, 2)
    assert abs(float(short.mean()) - POWER) < 4 * float(short.std()) / 8000**0.5


def test_noise_spares_the_long_waves():
    model = Model.build(SETTINGS, quenched(2000), FREE)
    trajectory = []
    generated = model.sample(
        64, torch.Generator().manual_seed(2), watch=lambda x, s: trajectory.append((x, s))
    ).values
    again = model.sample(64, torch.Generator().manual_seed(2)).values
    torch.testing.assert_close(generated, again, atol=0, rtol=0)
    first, noise = trajectory[0]
    assert float(power_of(first, 1, 0).mean()) > 0.5 * noise**2, "who watches sees noise on all modes"


def test_short_waves_out_of_equilibrium_are_refused():
    with pytest.raises(InputError, match="equilibrium"):
        Model.build(SETTINGS, quenched(20_000, power=1.2 * POWER), FREE)


def test_what_is_loaded_generates_what_was_trained(tmp_path):
    model = Model.build(SETTINGS, quenched(2000), FREE)
    torch.nn.init.normal_(model.network.project, std=0.1)
    tensors = model.finished(
        model.network.state_dict(), Examples(quenched(500)), torch.Generator().manual_seed(0)
    )
    save_file(tensors, tmp_path / "weights.safetensors")
    write_json(tmp_path / "model.json", {"settings": SETTINGS, "site_shape": [8, 8]})
    loaded = load_model(tmp_path)
    generated, again = (m.sample(16, torch.Generator().manual_seed(3)).values for m in (model.eval(), loaded))
    torch.testing.assert_close(generated, again, atol=0, rtol=0)
