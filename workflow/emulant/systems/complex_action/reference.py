"""Samplers of a complex action: complex Langevin with two steps, extrapolated to step zero."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulant.errors import InputError
from emulant.langevin.diagnostics import diagnosed
from emulant.langevin.sampler import GROUP, complex_langevin
from emulant.langevin.step_size import extrapolated, step_bias
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from emulant.systems.complex_action.system import ComplexAction

__all__ = ["samplers"]

# Blocks of the averages: their errors are known to 1 / sqrt(2 * 63) = 9 %.
GROUPS = 64
# Langevin time between points, at a relaxation time of about 1 / A: points count as independent.
SPACING = 8.0
# Of the integrator; the error of second order is removed by the run with COARSER steps, for a quarter of the cost.
STEP = 0.01
COARSER = 4


def sample_complex_langevin(
    system: ComplexAction,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    """Run complex Langevin; write points and the averages of all records, and return the diagnostics.

    The points lie 8 units of Langevin time apart. `averages` in the file are means over groups of 1024 walkers, of
    every record, extrapolated to step zero with a second run whose step is four times as long: their statistical errors are
    smaller than those of the points.

    Raises:
        InputError: if no walker survives.
    """
    count = settings["samples"]
    each = math.ceil(count / (GROUPS * GROUP))
    step = settings.get("step", STEP)
    run, coarse = (
        complex_langevin(
            system.complex_action,
            time=each * SPACING,
            step=step * factor,
            seed=seed + (factor > 1),
            groups=GROUPS,
            threads=threads,
            spacing=SPACING,
            progress=f"complex Langevin, step {step * factor:g}",
        )
        for factor in (1, COARSER)
    )
    if len(run.snapshots) == 0:
        raise InputError(path, "reference", "walkers that stay finite", f"{run.runaways} runaways")
    averages = extrapolated(run.averages, coarse.averages, COARSER)
    record = diagnosed(system.complex_action, run, averages)
    record["step"], record["step_bias"] = step, step_bias(run.averages, coarse.averages, COARSER)
    attributes = provenance(
        system=system.kind, parameters=system.parameters, sampler="complex_langevin", seed=seed, device="cpu"
    )
    if not record["trusted"]:
        attributes["caveat"] = f"complex Langevin is not to be trusted here: {record['reasons']}"
    with EnsembleWriter(
        path,
        system.site_shape,
        attributes=attributes,
        averages=averages,
    ) as writer:
        writer.append(run.snapshots[:count])
    return {"sampler": "complex_langevin", "samples": count, "tau_int": 0.5} | record


samplers = {"complex_langevin": sample_complex_langevin}
