"""Study `event_shapes`: correlations in classes of events by their flow, and R_Psi2, without and with a separation."""

from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.kinetic.cascade import Matter
from emulant.kinetic.charge_differences import EDGES, charge_differences, correlator
from emulant.kinetic.pair_correlations import pair_sums, pair_values
from emulant.kinetic.transport import Transport
from emulant.randomness.seeds import job_seed
from emulant.statistics.bootstrap import resampled_means
from emulant.systems.charge_transport.reference import LABEL
from emulant.systems.charge_transport.system import ChargeTransport

__all__ = ["study_event_shapes"]

RESAMPLES = 200
"""Of the bootstrap: errors of 5 %."""


def study_event_shapes(system: ChargeTransport, inputs: StudyInputs) -> StudyTable:
    """Sort events by q_2 of one half of their particles, and measure v_2 and Delta gamma of the other half.

    A line through the classes (event-shape engineering, J. Schukraft, A. Timmins, S. Voloshin, Phys. Lett. B 719 (2013)
    394 [1208.4563]) has at v_2 = 0 what flow does not explain; its slope is that of events alike.

    Returns:
        Columns separation, class, elliptic_flow, delta_gamma, and each with its error. The record has intercept and slope
        with errors, the curvature of R_Psi2, and R_Psi2 by bin of Delta S.
    """
    tables, record = [], {"label": LABEL, "events": inputs.settings["events"]}
    for separation in (0.0, inputs.settings["separation"]):
        shapes, sums, differences = _events(system.law, separation, inputs)
        order = np.argsort(shapes, kind="stable")
        classes = [sums[part] for part in np.array_split(order, inputs.settings["classes"])]
        rows, line = _by_class(classes, job_seed(inputs.seed, "bootstrap"))
        tables.append(pd.DataFrame(rows).assign(separation=separation))
        record[f"separation_{separation:g}"] = line | _curvature(differences, inputs.seed)
    return StudyTable(pd.concat(tables, ignore_index=True), record)


def _events(
    law: Transport, separation: float, inputs: StudyInputs
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """q_2 of one half of the particles, pair sums of the other, and charge differences of all, of each event."""
    seed, rows = job_seed(inputs.seed, f"{separation}"), []
    for number in range(inputs.settings["events"]):
        sequence = np.random.SeedSequence(seed, spawn_key=(number,))
        # R_Psi2 is for separations of either sign; everything else is the same for both.
        *_, last = law.history(separation * (-1) ** number, sequence)
        rows.append(_measured(last, np.random.default_rng(sequence.spawn(1)[0])))
    shapes, sums, differences = (np.array(column) for column in zip(*rows, strict=True))
    return shapes, sums, differences


def _measured(matter: Matter, generator: np.random.Generator) -> tuple[float, np.ndarray, np.ndarray]:
    charged = np.flatnonzero(matter.charge)
    px, py = matter.momentum[charged, 1:3].T
    phi, first = np.arctan2(py, px), generator.random(len(charged)) < 0.5
    shape = abs(np.exp(2j * phi[first]).sum()) / np.sqrt(max(first.sum(), 1))
    return (
        shape,
        pair_sums(_part(matter, charged[~first])),
        charge_differences(phi, matter.charge[charged] > 0, generator),
    )


def _part(matter: Matter, chosen: np.ndarray) -> Matter:
    """Some of the particles."""
    columns = (matter.position, matter.momentum, matter.mass, matter.charge, matter.baryon)
    return Matter(*(column[chosen] for column in columns))


def _by_class(classes: list[np.ndarray], seed: int) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Rows of the table, and the line of Delta gamma over v_2."""
    values = np.array([_flow_and_gamma(part.mean(axis=0)) for part in classes])
    resampled = np.array(
        [
            _flow_and_gamma(resampled_means(part, seed=seed + k, resamples=RESAMPLES))
            for k, part in enumerate(classes)
        ]
    )
    errors = resampled.std(axis=1, ddof=1)
    lines = np.array([_line(resampled[:, k], errors[:, 1]) for k in range(RESAMPLES)])
    slope, intercept = _line(values, errors[:, 1])
    deviations = lines.std(axis=0, ddof=1)
    names = ("elliptic_flow", "delta_gamma")
    rows = [
        {"class": k}
        | dict(zip(names, map(float, value), strict=True))
        | {f"{name}_error": float(e) for name, e in zip(names, error, strict=True)}
        for k, (value, error) in enumerate(zip(values, errors, strict=True))
    ]
    line = {"slope": slope, "slope_error": deviations[0]}
    return rows, {
        name: float(x)
        for name, x in (line | {"intercept": intercept, "intercept_error": deviations[1]}).items()
    }


def _flow_and_gamma(means: np.ndarray) -> np.ndarray:
    """v_2 and Delta gamma from means of pair sums, (..., 2)."""
    return pair_values(means)[..., [5, 2]]


def _line(points: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Slope and intercept of the second column over the first, weighed by errors of the second."""
    return np.polyfit(points[:, 0], points[:, 1], 1, w=1 / errors)


def _curvature(differences: np.ndarray, seed: int) -> dict[str, Any]:
    """R_Psi2 with its curvature, and errors by bootstrap over events."""
    generator, count = np.random.default_rng(job_seed(seed, "resampling")), len(differences)
    samples = [correlator(differences[generator.integers(count, size=count)]) for _ in range(RESAMPLES)]
    ratio, curvature = correlator(differences)
    spread = np.std([np.nan_to_num(sample, posinf=0.0) for sample, _ in samples], axis=0)
    middles = 0.5 * (EDGES[1:] + EDGES[:-1])
    bins = [
        {"difference": float(x), "ratio": float(r), "error": float(e)}
        for x, r, e in zip(middles, ratio, spread, strict=True)
        # Empty bins say nothing.
        if np.isfinite(r) and r > 0
    ]
    error = float(np.std([value for _, value in samples]))
    return {"curvature": curvature, "curvature_error": error, "correlator": bins}
