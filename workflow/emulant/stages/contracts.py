"""Contracts of what an experiment uses, tried before the work that needs them."""

from pathlib import Path
from typing import Any

import numpy as np

from emulant.contracts.checks import check_action, check_exact_values, check_observables
from emulant.contracts.declaration import SYSTEMS, declared_system
from emulant.contracts.form import Ensemble
from emulant.contracts.system import HasAverages, System
from emulant.errors import InputError
from emulant.forms import open_samples
from emulant.systems import observables_of, part_of, sampler_of

__all__ = ["check_contracts", "check_parts"]

FEW = 16
"""Samples that are tried: more than a shape needs, and of whole events still milliseconds."""


def check_parts(kind: str) -> None:
    """Raise InputError where a system lacks a sampler or a study that it declares; `file` is its form's."""
    declared = declared_system(kind)
    for name in declared["samplers"]:
        if name != "file":
            sampler_of(kind, name)
    studies = part_of(kind, "studies") if declared["studies"] else {}
    for name in declared["studies"]:
        if name not in studies:
            expected = "a study that schema.yaml declares"
            raise InputError(
                SYSTEMS / kind / "studies.py", f"studies.{name}", expected, f"only {', '.join(studies)}"
            )


def check_contracts(path: Path, system: System) -> None:
    """Try observables, exact values, action and gradient on the first samples of the ensemble at `path`.

    Raises:
        InputError: for the first that breaks its contract; the ensemble is removed.
    """
    observables = observables_of(system.kind)
    try:
        with open_samples(path, system) as ensemble:
            shape, samples = ensemble.site_shape, ensemble.read(0, FEW)
            view, count = _view(ensemble, system, samples)
        check_observables(system, observables, view, count, shape)
        check_exact_values(system, system.exact_values(), observables, shape)
        if isinstance(samples, np.ndarray):
            check_action(system, _double(samples))
    except InputError:
        path.unlink(missing_ok=True)
        raise


def _view(ensemble: Ensemble, system: System, samples: Any) -> tuple[Any, int]:
    """What observables are shown of the first samples, and how many rows their primaries have."""
    if ensemble.averages is not None and isinstance(system, HasAverages):
        rows = np.asarray(ensemble.averages[:FEW])
        return system.averages(rows), len(rows)
    return system.view(samples), len(samples)


def _double(samples: np.ndarray) -> np.ndarray:
    """Samples in double precision, as observables see them; whole numbers as they are."""
    exact = samples.dtype.kind in "biu"
    return samples if exact else samples.astype(np.result_type(samples, np.float64), copy=False)
