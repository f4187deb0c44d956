"""How long and how carefully a model is trained."""

import math
from dataclasses import dataclass

__all__ = ["TrainingSettings"]

WARM_UP = 50
"""Steps until the learning rate has its peak: Adam's second moments are then known."""


@dataclass(frozen=True)
class TrainingSettings:
    """The `training` block of a model.

    Arguments:
        steps: optimizer steps.
        batch: noisy examples per step, over all parts.
        learning_rate: peak rate of Adam; linear warm-up over 50 steps, then a cosine to zero.
        ema: decay of the exponential moving average of the weights, the weights that are kept.
        gradient_clip: largest norm of the gradient.
        validation_fraction: part of the training ensemble that is held out.
        report_every: steps between two rows of the curve.
        checkpoint_every: steps between two checkpoints.
        precision: of Lightning Fabric, such as "32-true" or "bf16-mixed".
        devices: equal parts of a batch, each with random numbers of its own; as many devices share them as there are.
            Fewer devices give the same curve within the rounding of sums.
    """

    steps: int = 1000
    batch: int = 128
    learning_rate: float = 4e-3
    ema: float = 0.995
    gradient_clip: float = 1.0
    validation_fraction: float = 0.05
    report_every: int = 50
    checkpoint_every: int = 200
    precision: str = "32-true"
    devices: int = 1

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        warm = min(1.0, (step + 1) / WARM_UP)
        return self.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / self.steps))

    def decay(self, step: int) -> float:
        """Decay of the averaged weights at a step: shorter at first, so that the first weights are forgotten."""
        return min(self.ema, (step + 1) / (step + 10))

    def reports(self, done: int) -> bool:
        """Whether the curve has a row after `done` steps."""
        return done % self.report_every == 0 or done == self.steps
