"""Models that hold what they measured under each condition of their training, and interpolate between these conditions.

Such a model knows the law at another condition as well as the training samples say it, with the weights of its
interpolation. Its ensemble keeps these weights as the attribute TRAINING_WEIGHTS, in JSON, so that the judge has the error
of the training sample under the condition at which the model is judged.
"""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

__all__ = ["TRAINING_WEIGHTS", "WEIGHT", "Interpolates"]

TRAINING_WEIGHTS = "training_weights"
WEIGHT = "weight"
"""The column of the weights beside those of the conditions."""


@runtime_checkable
class Interpolates(Protocol):
    """A model that interpolates linearly between what it measured under several conditions."""

    def training_weights(self, condition: Mapping[str, Any]) -> Mapping[str, np.ndarray]:
        """Weights of the conditions of the training at another one.

        Returns:
            columns (K,): `weight`, of sum 1 and of either sign, and the values of the K conditions, under the names that
            the columns of the training file have. Empty where the training samples are under one condition, or under
            conditions of their own each.
        """
