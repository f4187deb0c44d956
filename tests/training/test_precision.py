"""Mixed precision: the same training within the rounding of bfloat16, its weights and checkpoints in float32."""

from dataclasses import replace

import pytest
import torch

from emulant.families.diffusion.model import Model
from emulant.training.loop import TrainingSettings, train
from tests.settings import SMALL_DIFFUSION

SHORT = TrainingSettings(
    steps=150, batch=128, report_every=50, checkpoint_every=200, learning_rate=1e-2, ema=0.9
)


def trained(folder, precision):
    data = torch.randn(2000, 6, 6, generator=torch.Generator().manual_seed(1))
    data = data.sign() + 0.2 * data.roll(1, 1)
    torch.manual_seed(3)
    settings = replace(SHORT, precision=precision)
    model = Model.build(SMALL_DIFFUSION, data)
    return train(model, model.examples(data, 5), settings, seed=5, checkpoint=folder / precision, stamp="x")


def test_mixed_precision_follows_the_same_curve(tmp_path):
    weights, curve = trained(tmp_path, "bf16-mixed")
    _, exact = trained(tmp_path, "32-true")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}
    losses = [[row["validation_loss"] for row in rows] for rows in (curve, exact)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-2)
    assert losses[0] != losses[1]
    # What is learned is larger than what is rounded.
    assert losses[1][0] - losses[1][-1] > 10 * max(abs(a - b) for a, b in zip(*losses, strict=True))
