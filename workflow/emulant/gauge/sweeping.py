"""What sweeps of a classical sampler make of links: those of a model, and hot and cold ones with no model at all."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from emulant.contracts.system import HasSweeps, System
from emulant.gauge.exact_sampler import uniform_links
from emulant.randomness.seeds import job_seed

__all__ = ["MEASURED", "exact_of", "starts_of", "sweep_rows"]

MEASURED = {
    "plaquette": ("plaquette", 0),
    "loop": ("wilson_loop", 4),
    "charge_squared": ("topological_susceptibility", 0),
}
"""Columns, and observable and index of each: the plaquette, W(2 x 2), and <Q^2>, which is listed over V."""


def exact_of(system: System) -> dict[str, float]:
    """Look up the exact value of each column; those that are not listed are left out."""
    listed = {(row["observable"], row["index"]): row["value"] for row in system.exact_values()}
    factors = {"charge_squared": math.prod(system.site_shape[1:])}
    return {
        column: factors.get(column, 1) * listed[source]
        for column, source in MEASURED.items()
        if source in listed
    }


def starts_of(shape: tuple[int, ...], seed: int) -> dict[str, np.ndarray]:
    """Draw hot links, of the Haar measure, and cold links, all 0; `shape` is (N, 2, L_t, L_s)."""
    return {"hot": uniform_links(shape, np.random.default_rng(seed)), "cold": np.zeros(shape)}


def sweep_rows(
    system: HasSweeps, starts: Mapping[str, np.ndarray], sweeps: Sequence[int], seed: int
) -> Iterator[dict[str, Any]]:
    """Measure plaquette, W(2 x 2) and Q^2 after so many sweeps.

    Arguments:
        system: that sweeps.
        starts: name -> independent links (N, 2, L_t, L_s).
        sweeps: their numbers.
        seed: of all random numbers.

    Yields:
        Rows of start, sweeps, samples, and each column of MEASURED with its error.
    """
    for name, links in starts.items():
        done = 0
        for count in sorted(sweeps):
            links, done = system.swept(links, count - done, job_seed(seed, name, str(count))), count
            yield {"start": name, "sweeps": count, "samples": len(links), **_measured(system, links)}


def _measured(system: Any, links: np.ndarray) -> dict[str, float]:
    """Means over independent configurations, and their errors."""
    view = system.view(links)
    values = {
        "plaquette": view.wilson_loop(1, 1),
        "loop": view.wilson_loop(2, 2),
        "charge_squared": view.charge**2,
    }
    errors = {f"{name}_error": value.std(ddof=1) / math.sqrt(len(links)) for name, value in values.items()}
    return {name: float(value.mean()) for name, value in values.items()} | errors
