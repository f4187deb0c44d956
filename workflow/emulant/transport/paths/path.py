r"""Interface of probability paths: perturbation, drift, diffusion, and conversion of network predictions.

A path joins the physical measure (t = 0) to a Gaussian (t = 1) by x_t = a(t) x_0 + b(t) z, z ~ N(0, 1);
a = f(t, 0) and b² = Ξ(t) in the notation of arXiv:2410.21212. Its SDE is dx = (a'/a) x dt + g dW with
g² = 2 b (a b' - a' b) / a, and its probability flow is dx/dt = a' E[x_0|x] + b' E[z|x].

Times are floats, NumPy arrays or torch tensors of any shape that broadcasts against the fields, inside
(0, 1); t = 0 and t = 1 are allowed where a formula is finite there.
"""

from abc import ABC, abstractmethod

from emulant.transport.paths.arrays import Array, functions_of

__all__ = ["PREDICTIONS", "Path"]

PREDICTIONS = ("denoiser", "noise", "score", "velocity")


class Path(ABC):
    """A Gaussian probability path x_t = a(t) x_0 + b(t) z."""

    @abstractmethod
    def signal(self, t: Array) -> Array:
        """Return a(t), the factor on the physical field."""

    @abstractmethod
    def noise(self, t: Array) -> Array:
        """Return b(t), the standard deviation of the noise."""

    @abstractmethod
    def slopes(self, t: Array) -> tuple[Array, Array]:
        """Return a'(t) and b'(t)."""

    @abstractmethod
    def time_of_ratio(self, ratio: Array) -> Array:
        """Return the t with b(t) / a(t) = `ratio`."""

    def ratio(self, t: Array) -> Array:
        """Return s = b / a, the noise-to-signal ratio, growing with t."""
        return self.noise(t) / self.signal(t)

    def drift(self, x: Array, t: Array) -> Array:
        """Return the drift (a'/a) x of the forward SDE."""
        return self.slopes(t)[0] / self.signal(t) * x

    def diffusion(self, t: Array) -> Array:
        """Return the noise amplitude g(t) of the forward SDE."""
        squared = 2 * self.noise(t) * self._wronskian(t) / self.signal(t)
        return functions_of(squared).sqrt(squared)

    def perturb(self, x0: Array, t: Array, z: Array) -> Array:
        """Compute x_t from the field `x0` and standard normal noise `z` of its shape."""
        return self.signal(t) * x0 + self.noise(t) * z

    def prior_scale(self, variance: Array = 0.0) -> Array:
        """Return the standard deviation of x at t = 1 for x_0 of second moment `variance` (a number or a spectrum)."""
        squared = self.signal(1.0) ** 2 * variance + self.noise(1.0) ** 2
        return functions_of(squared).sqrt(squared)

    def prior(self, z: Array, variance: Array = 0.0) -> Array:
        """Scale standard normal variables `z` to a draw of the Gaussian prior at t = 1."""
        return self.prior_scale(variance) * z

    def denoiser_from_noise(self, noise: Array, x: Array, t: Array) -> Array:
        """Compute E[x_0|x] = (x - b E[z|x]) / a."""
        return (x - self.noise(t) * noise) / self.signal(t)

    def denoiser_from_score(self, score: Array, x: Array, t: Array) -> Array:
        """Compute E[x_0|x] = (x + b² ∂ log p_t) / a (Tweedie)."""
        return (x + self.noise(t) ** 2 * score) / self.signal(t)

    def denoiser_from_velocity(self, velocity: Array, x: Array, t: Array) -> Array:
        """Compute E[x_0|x] = (b' x - b v) / (a b' - a' b)."""
        return (self.slopes(t)[1] * x - self.noise(t) * velocity) / self._wronskian(t)

    def noise_from_denoiser(self, denoiser: Array, x: Array, t: Array) -> Array:
        """Compute E[z|x] = (x - a D) / b."""
        return (x - self.signal(t) * denoiser) / self.noise(t)

    def score_from_denoiser(self, denoiser: Array, x: Array, t: Array) -> Array:
        """Compute ∂ log p_t = -(x - a D) / b²."""
        return (self.signal(t) * denoiser - x) / self.noise(t) ** 2

    def velocity_from_denoiser(self, denoiser: Array, x: Array, t: Array) -> Array:
        """Compute the probability-flow velocity dx/dt = (b' x - (a b' - a' b) D) / b."""
        return (self.slopes(t)[1] * x - self._wronskian(t) * denoiser) / self.noise(t)

    def convert(self, prediction: Array, x: Array, t: Array, *, kind: str, wanted: str) -> Array:
        """Translate one prediction at (x, t) into another, through the denoiser.

        Arguments:
            prediction: output of the network, of the shape of `x`.
            x: fields on the path.
            t: time, broadcastable against `x`.
            kind: of `prediction`, one of `PREDICTIONS`.
            wanted: kind of the result, one of `PREDICTIONS`.

        Raises:
            ValueError: if a name is not one of `PREDICTIONS`.
        """
        for name in (kind, wanted):
            if name not in PREDICTIONS:
                raise ValueError(f"prediction: expected one of {', '.join(PREDICTIONS)}, got {name!r}")
        if kind != "denoiser":
            prediction = getattr(self, f"denoiser_from_{kind}")(prediction, x, t)
        if wanted != "denoiser":
            prediction = getattr(self, f"{wanted}_from_denoiser")(prediction, x, t)
        return prediction

    def _wronskian(self, t: Array) -> Array:
        """Return a b' - a' b > 0."""
        signal_slope, noise_slope = self.slopes(t)
        return self.signal(t) * noise_slope - signal_slope * self.noise(t)
