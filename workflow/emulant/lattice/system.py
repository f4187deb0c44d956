"""Scalar phi^4 theory as a system of the pipeline."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from emulant.lattice.action import action, gradient
from emulant.lattice.fields import Fields
from emulant.lattice.free import free_field_squared, free_susceptibility
from emulant.lattice.quench import quench
from emulant.lattice.reference import equilibrium
from emulant.storage.provenance import provenance

__all__ = ["Phi4"]


class Phi4:
    """The action (K) on a periodic lattice.

    Arguments:
        kappa: hopping parameter.
        coupling: lambda.
        shape: lattice shape.
    """

    kind = "phi4"
    observable_package = "emulant.lattice.observables"

    def __init__(self, kappa: float, coupling: float, shape: tuple[int, ...]) -> None:
        self.kappa, self.coupling, self.site_shape = kappa, coupling, tuple(shape)
        self.parameters = {"kappa": kappa, "lambda": coupling, "shape": list(shape)}

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> "Phi4":
        """From the `system` block of an experiment."""
        return cls(settings["kappa"], settings["lambda"], tuple(settings["shape"]))

    def view(self, configurations: np.ndarray) -> Fields:
        """What observables are shown of configurations (n, *site_shape)."""
        return Fields(configurations, self)

    def action(self, fields: Any) -> Any:
        """S of each configuration, (N,)."""
        return action(fields, self.kappa, self.coupling)

    def gradient(self, fields: Any) -> Any:
        """dS/dphi."""
        return gradient(fields, self.kappa, self.coupling)

    def sample_reference(self, path: Path, *, settings: dict, seed: int, checkpoint: Path) -> dict[str, Any]:
        """Write the reference by settings["sampler"], hmc or quench; returns the diagnostics."""
        sampler = settings["sampler"]
        attributes = provenance(system=self.kind, parameters=self.parameters, sampler=sampler, seed=seed)
        make, options = {
            "hmc": (equilibrium, ("chains", "clusters")),
            "quench": (quench, ("trajectories", "steps")),
        }[sampler]
        return make(
            path,
            attributes,
            shape=self.site_shape,
            kappa=self.kappa,
            coupling=self.coupling,
            samples=settings["samples"],
            seed=seed,
            checkpoint=checkpoint,
            engine=settings.get("backend", "numba"),
            **{key: settings[key] for key in options if key in settings},
        )

    def exact_values(self) -> list[dict[str, Any]]:
        """The Schwinger-Dyson identity, and the free field where lambda = 0."""
        rows = [{"observable": "schwinger_dyson", "index": 0, "value": 1.0, "error": 0.0}]
        if self.coupling == 0 and self.kappa * 2 * len(self.site_shape) < 1:
            free = {
                "field_squared": free_field_squared(self.kappa, self.site_shape),
                "susceptibility": free_susceptibility(self.kappa, len(self.site_shape)),
                "action_density": 0.5,
            }
            rows += [{"observable": k, "index": 0, "value": v, "error": 0.0} for k, v in free.items()]
        return rows

    @property
    def volume(self) -> int:
        """Number of sites."""
        return math.prod(self.site_shape)
