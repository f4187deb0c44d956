import torch

from emulant.families.baseline import Model
from emulant.networks.score_net import ScoreNet
from emulant.training.loop import TrainingSettings, train

SETTINGS = {
    "name": "ve_baseline",
    "family": "baseline",
    "path": {"kind": "variance_exploding", "sigma": 25.0},
    "network": {"kind": "score_net"},
    "generation": {"solver": "euler_maruyama", "steps": 500},
}


def test_the_published_network_has_its_published_size():
    trained = sum(p.numel() for p in ScoreNet().parameters() if p.requires_grad)
    assert 1.0e6 < trained < 1.2e6


def test_normalisation_and_prior_are_as_published():
    fields = torch.randn(50, 8, 8, generator=torch.Generator().manual_seed(1))
    model = Model.build(SETTINGS, fields)
    assert abs(float(model.path.noise(1.0)) - 9.845) < 1e-3

    # With the score of white noise of unit variance the sampler must return unit variance in its own units.
    model.score = lambda x, t: -x / (1 + float(model.path.noise(t)) ** 2)
    generated = model.sample(400, torch.Generator().manual_seed(2)).values
    low, high = model.bounds
    inner = 2 * ((generated - low) / (high - low) - 0.5)
    assert abs(float(inner.std()) - 1) < 0.02


def test_its_loss_falls(tmp_path):
    torch.manual_seed(0)
    fields = torch.randn(64, 8, 8, generator=torch.Generator().manual_seed(1))
    model = Model.build(SETTINGS, fields)
    settings = TrainingSettings(
        steps=15, batch=16, learning_rate=1e-3, ema=0.0, gradient_clip=1e9, report_every=5
    )
    _, curve = train(model, model.examples(fields, 1), settings, seed=1, checkpoint=tmp_path / "c", stamp="s")
    assert curve[-1]["validation_loss"] < curve[0]["validation_loss"]
