"""y = x_1 - x_2/2 + width z, with standard normal x_1, x_2 and z."""

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["RESPONSE", "LinearResponse", "from_settings"]

RESPONSE = np.array([1.0, -0.5])
"""The response that a model is to find."""


class LinearResponse:
    """Pairs of an input (2,) and an output (1,).

    Arguments:
        width: standard deviation of the noise.
    """

    kind, site_shape = "linear_response", ()
    input_shape, output_shape = (2,), (1,)

    def __init__(self, width: float) -> None:
        self.width, self.parameters = width, {"width": width}

    def view(self, pairs: Any) -> Any:
        """Show pairs to observables as they are."""
        return pairs

    def exact_values(self) -> list[dict[str, Any]]:
        """Correlations with the inputs, and the variance of the output."""
        values = [*RESPONSE, RESPONSE @ RESPONSE + self.width**2]
        return [
            {"observable": "response", "index": n, "value": float(value), "error": 0.0}
            for n, value in enumerate(values, start=1)
        ]


def from_settings(settings: Mapping[str, Any]) -> LinearResponse:
    """Build the system of a `system` block."""
    return LinearResponse(settings["width"])
