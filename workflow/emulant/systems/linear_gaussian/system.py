"""y = A theta + noise, with normal priors of theta."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from emulant.inference.gaussian import LinearGaussian
from emulant.inference.priors import prior_from
from emulant.storage.pairs import Pairs

__all__ = ["LinearResponse", "View", "from_settings"]


class View(NamedTuple):
    """Pairs as observables see them: parameters, and y - A theta in units of the noise."""

    outputs: np.ndarray
    residuals: np.ndarray


class LinearResponse:
    """Pairs of an observation y (m,) and its parameters theta (d,).

    Arguments:
        settings: the `system` block.
    """

    kind = "linear_gaussian"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.parameters = {name: value for name, value in settings.items() if name != "kind"}
        self.prior = prior_from(settings["prior"], "system")
        response, noise = (np.asarray(settings[name], dtype=np.float64) for name in ("response", "noise"))
        self.law = LinearGaussian(response, noise, self.prior.mean, self.prior.deviation)
        self.input_shape, self.output_shape = (len(response),), (response.shape[1],)
        self.site_shape = self.output_shape

    def simulate(self, parameters: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Draw an observation of each of parameters (n, d), (n, m)."""
        mean = parameters @ self.law.response.T
        return mean + self.law.noise * generator.standard_normal(mean.shape)

    def posterior(self, inputs: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
        """Draw from the exact posterior of each observation (N, m), (draws, N, d)."""
        return self.law.sample(inputs, draws, generator)

    def view(self, pairs: Pairs) -> View:
        """Show parameters and residuals."""
        outputs = np.asarray(pairs.outputs, dtype=np.float64)
        return View(outputs, (pairs.inputs - outputs @ self.law.response.T) / self.law.noise)

    def exact_values(self) -> list[dict[str, Any]]:
        """Moments of the prior, and those of the noise."""
        noise = {"observable": "residuals", "index": 0, "value": 1.0, "error": 0.0}
        return [*self.prior.exact_values(), noise]


def from_settings(settings: Mapping[str, Any]) -> LinearResponse:
    """Build the system of a `system` block."""
    return LinearResponse(settings)
