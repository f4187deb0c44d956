"""A Gaussian or quartic complex action as a system of the pipeline; configurations are points (x, y)."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from emulant.errors import InputError
from emulant.langevin.actions import Quartic
from emulant.langevin.diagnostics import diagnosed
from emulant.langevin.exact import GaussianDensity, exact_cumulants, exact_moments
from emulant.langevin.fokker_planck import stationary
from emulant.langevin.sampler import GROUP, complex_langevin
from emulant.langevin.step_size import extrapolated, step_bias
from emulant.plane.density import Grid
from emulant.plane.points import Averages, Points
from emulant.statistics.cumulants import ORDER
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance

__all__ = ["ComplexAction"]

GROUPS, SPACING, STEP = 64, 8.0, 0.01
COARSER = 4
DEVIATIONS = 5.5


class ComplexAction:
    """S = (A + iB) z²/2 + λ z⁴/4, and the real density P(x, y) that complex Langevin samples; it is no exp(-S).

    Arguments:
        action: the action.
    """

    kind = "complex_action"
    site_shape = (2,)
    is_complex = True
    observable_package = "emulant.plane.observables"
    averages = staticmethod(Averages)
    gradient = None

    def __init__(self, action: Quartic) -> None:
        self.complex_action = action
        self.parameters = {"a": action.a, "b": action.b, "lambda": action.coupling}

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> "ComplexAction":
        """From the `system` block of an experiment."""
        return cls(Quartic(settings["a"], settings["b"], settings.get("lambda", 0.0)))

    def view(self, configurations: np.ndarray) -> Points:
        """What observables are shown of configurations (n, *site_shape)."""
        return Points(configurations)

    def sample_reference(self, path: Path, *, settings: dict, seed: int, checkpoint: Path) -> dict[str, Any]:
        """Run complex Langevin; write points and the averages of all records, and return the diagnostics.

        The points lie 8 units of Langevin time apart. `averages` in the file are means over groups of 1024 walkers, of
        every record, extrapolated to step zero with the help of a second run whose step is four times as long: they know
        the moments better than the points do.

        Raises:
            InputError: where not one walker is left.
        """
        count = settings["samples"]
        each = math.ceil(count / (GROUPS * GROUP))
        step = settings.get("step", STEP)
        run, coarse = (
            complex_langevin(
                self.complex_action,
                time=each * SPACING,
                step=step * factor,
                seed=seed + (factor > 1),
                groups=GROUPS,
                spacing=SPACING,
                progress=f"complex Langevin, step {step * factor:g}",
            )
            for factor in (1, COARSER)
        )
        if len(run.snapshots) == 0:
            raise InputError(path, "reference", "walkers that stay finite", f"{run.runaways} runaways")
        averages = extrapolated(run.averages, coarse.averages, COARSER)
        record = diagnosed(self.complex_action, run, averages)
        record["step"], record["step_bias"] = step, step_bias(run.averages, coarse.averages, COARSER)
        attributes = provenance(
            system=self.kind, parameters=self.parameters, sampler="complex_langevin", seed=seed, device="cpu"
        )
        if not record["trusted"]:
            attributes["caveat"] = f"complex Langevin is not to be trusted here: {record['reasons']}"
        with EnsembleWriter(
            path,
            self.site_shape,
            attributes=attributes,
            averages=averages,
        ) as writer:
            writer.append(run.snapshots[:count])
        return {"sampler": "complex_langevin", "samples": count, "tau_int": 0.5} | record

    def exact_values(self) -> list[dict[str, Any]]:
        """Moments and cumulants of z, and the Gaussian's <x²>, <y²>, <xy>."""
        moments, kappa = (values(self.complex_action) for values in (exact_moments, exact_cumulants))
        rows = []
        for name, values in (("mu", moments), ("kappa", kappa)):
            for n in range(2, ORDER + 1, 2):
                rows += [(f"{name}_real", n, values[n - 1].real), (f"{name}_imag", n, values[n - 1].imag)]
        if self._gaussian:
            (xx, xy), (_, yy) = GaussianDensity(self.complex_action).covariance
            rows += [("x_squared", 0, xx), ("xy", 0, xy), ("y_squared", 0, yy)]
        return [{"observable": o, "index": i, "value": float(v), "error": 0.0} for o, i, v in rows]

    def grid(self, points: np.ndarray) -> Grid:
        """The rectangle on which densities are compared: 5.5 standard deviations each way, no more than the strip."""
        reach = DEVIATIONS * points.std(axis=0)
        return Grid(float(reach[0]), float(min(reach[1], 1.02 * self.complex_action.strip)))

    def shares(self, grid: Grid) -> tuple[np.ndarray, dict[str, float]]:
        """Shares of the grid's cells by the stationary Fokker-Planck equation, and how far it has converged."""
        found = stationary(self.complex_action, grid)
        return found.shares, {"kl": found.kl, "total_variation": found.tv}

    @property
    def _gaussian(self) -> bool:
        return self.complex_action.coupling == 0 and self.complex_action.b != 0
