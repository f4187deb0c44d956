"""An emulator of a vector of observables: principal components, each of them a Gaussian process.

The covariance of a prediction has two parts: what the processes do not know at this point, and what they cannot know. The
second is measured in the space of the observables, on design points that were left out, or on further ones that no process
saw: statistical noise with all its correlations, and the components that were not kept. It depends on the parameters by the
predicted means where left-out points say so.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from emulant.errors import InputError
from emulant.inference.emulation.gaussian_process import GaussianProcess, Stacked, stacked
from emulant.inference.emulation.learned import FOLDS, Design, Means
from emulant.inference.emulation.noise import NoiseLaw, fitted_slopes
from emulant.inference.emulation.principal import PrincipalComponents
from emulant.inference.emulation.residuals import Unseen, noise_covariance

__all__ = ["ObservableEmulator", "fit_emulator", "log_likelihood"]


@dataclass(frozen=True)
class ObservableEmulator:
    """Observables as functions of parameters.

    Arguments:
        components: of the observables.
        processes: one for each component.
        trust: factors of the processes' own variances, (k,).
        noise: of a design value beyond what the processes predict and its statistical error.
    """

    components: PrincipalComponents
    processes: tuple[GaussianProcess, ...]
    trust: np.ndarray
    noise: NoiseLaw

    @classmethod
    def measured(cls, means: Means, unseen: Unseen, observables: np.ndarray) -> Self:
        """Take the noise from points that were not seen, in units of the design's observables (n, m)."""
        centre, spread = means.components.mean, observables.std(0)
        slopes = fitted_slopes(unseen, centre, spread)
        law = NoiseLaw(np.eye(len(centre)), slopes, centre, spread)
        covariance, trust = noise_covariance(unseen.divided(law.factors(unseen.means)))
        return cls(means.components, means.processes, trust, law._replace(covariance=covariance))

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict observables of parameters (q, d): mean (q, m), and covariance (q, m, m) of a value there.

        Statistical errors that the fit was told are not in it: whoever compares adds those of the other side.
        """
        values, variances = self.stack.predict(points)
        means = self.components.restore(values)
        return means, self.components.restored_covariance(self.trust * variances) + self.noise.at(means)

    def deviation_of_mean_z(self, points: np.ndarray) -> tuple[np.ndarray, float]:
        """Compute the deviation of the mean of z over points (q, d): of each observable, (m,), and of all of them together.

        What processes do not know is shared by points that are near each other, so that it is more than 1 / sqrt(q).
        """
        means, covariances = self.predict(points)
        weights, noise = 1 / np.sqrt(np.diagonal(covariances, axis1=1, axis2=2)), self.noise.at(means)
        rows, shared = self.components.components * self.components.scale, self.stack.covariance(points)
        shared = self.trust[:, None, None] * shared
        alone = np.einsum("qmm,qm->m", noise, weights**2)
        alone += np.einsum("kqm,kqm->m", shared @ weights, rows[:, None] ** 2 * weights)
        projected = rows @ weights.T
        together = np.einsum("kq,kqp,kp->", projected, shared, projected)
        together += np.einsum("qm,qmn,qn->", weights, noise, weights)
        return np.sqrt(alone) / len(points), float(np.sqrt(together)) / weights.size

    @cached_property
    def stack(self) -> Stacked:
        """All processes together."""
        return stacked(self.processes)


def fit_emulator(
    design: np.ndarray,
    observables: np.ndarray,
    errors: np.ndarray | None = None,
    *,
    components: int,
    kernel: str = "rbf",
    seed: int = 0,
    further: tuple[np.ndarray, np.ndarray] | None = None,
) -> ObservableEmulator:
    """Fit an emulator to design points.

    Arguments:
        design: parameters (n, d), in units of order one.
        observables: (n, m).
        errors: statistical errors of the observables, (n, m), none where left out.
        components: principal components, at most m.
        kernel: name in `gaussian_process.KERNELS`.
        seed: of the fits.
        further: points (q, d) and observables (q, m) without statistical errors that no process sees, and that measure what
            is left where there are more of them than of the design.

    Raises:
        InputError: for fewer design points than parameters, or numbers that are not finite, naming the design point.
    """
    if len(design) <= design.shape[1]:
        raise InputError(
            "emulator", "design", f"more design points than {design.shape[1]} parameters", len(design)
        )
    for name, numbers in (("design", design), ("observables", observables)):
        bad = ~np.isfinite(numbers).all(axis=1)
        if bad.any():
            raise InputError(
                "emulator", name, "finite numbers", f"NaN or infinity at design point {int(np.argmax(bad))}"
            )
    statistical = np.zeros_like(observables) if errors is None else errors
    whole = Design(design, observables, statistical)
    means = Means.learned(whole, components, kernel, seed)
    if further is not None and len(further[0]) > len(design):
        beyond = Design(*further, np.zeros_like(further[1]))
        unseen = means.on(beyond, np.arange(len(further[0])) % FOLDS)
    else:
        unseen = means.left_out(whole, kernel, seed)
    return ObservableEmulator.measured(means, unseen, observables)


def log_likelihood(
    emulator: ObservableEmulator,
    points: np.ndarray,
    observation: np.ndarray,
    covariance: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Compute ln p(y | theta) of parameters (q, d), with the determinant, which depends on theta.

    Arguments:
        emulator: of the observables.
        points: parameters.
        observation: y, (m,).
        covariance: of the observation beyond the emulator's, (m, m).
    """
    means, covariances = emulator.predict(points)
    root = np.linalg.cholesky(covariances + covariance)
    z = np.linalg.solve(root, (observation - means)[..., None])[..., 0]
    log_determinant = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(-1)
    return -0.5 * np.square(z).sum(-1) - log_determinant - 0.5 * len(observation) * np.log(2 * np.pi)
