"""Samplers of two-dimensional U(1): exact independent configurations, and Hybrid Monte Carlo."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emulant.errors import InputError
from emulant.forms.independent import write_exact
from emulant.gauge.chains import LinkChains, LinkTrajectory, starts
from emulant.gauge.exact_sampler import Plaquettes, acceptance, exact_links, exact_plaquettes
from emulant.markov.chains import FixedUpdate
from emulant.markov.driver import equilibrium
from emulant.markov.thermalisation import Gate
from emulant.storage.provenance import provenance
from emulant.systems.u1.system import U1, Loops

__all__ = ["samplers"]

CHUNK = 2048
"""Configurations in memory at once; part of the order in which random numbers are drawn."""
CHAINS = 256
"""Chains run at once where the configuration does not say: enough for the evidence of equilibrium."""
WARM_UP = 20
"""Trajectories before the first test: a hot start loses its energy in a few."""


def sample_exact(
    system: U1,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path | None = None,
    threads: int = 1,
) -> dict[str, Any]:
    """Write independent exact configurations; a restart takes seconds. Returns the diagnostics, acceptances among them.

    Raises:
        InputError: where a coupling is not positive, or the action has longer loops.
    """
    if system.rectangle:
        raise InputError("system", "rectangle", "0 for the exact sampler", system.rectangle)
    conditions = settings.get("conditions", {})
    systems = [_at(system, beta) for beta in conditions["beta"]] if conditions else [system]
    expected = len(systems) / sum(1 / acceptance(each.exact) for each in systems)
    proposals = 0

    def draw(turn: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        nonlocal proposals
        drawn = _in_turn(systems, turn, generator)
        proposals += drawn.proposals
        return exact_links(drawn.angles, system.site_shape, generator)

    record = write_exact(system, path, draw, settings=settings, seed=seed, chunk=CHUNK, dtype=system.dtype)
    return record | {"acceptance": settings["samples"] / proposals, "expected_acceptance": expected}


def _at(system: U1, beta: float) -> U1:
    """The system at a coupling of the conditions; raises InputError where it is not positive."""
    if not beta > 0:
        raise InputError("experiment", "conditions.beta", "positive numbers for the exact sampler", beta)
    return system.at({"beta": beta})


def _in_turn(systems: Sequence[U1], turn: np.ndarray, generator: np.random.Generator) -> Plaquettes:
    """Draw plaquettes (N, V), each row from the system with its number in `turn`, (N,)."""
    angles, proposals = np.empty((len(turn), systems[0].exact.plaquettes)), 0
    for number in np.unique(turn):
        rows = turn == number
        drawn = exact_plaquettes(systems[number].exact, int(rows.sum()), generator)
        angles[rows], proposals = drawn.angles, proposals + drawn.proposals
    return Plaquettes(angles, proposals)


def sample_hmc(
    system: Loops,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    """Write configurations in equilibrium by Hybrid Monte Carlo; returns the diagnostics.

    Hot and cold chains must agree in the size of Q, so that chains whose charge is frozen write nothing.

    Raises:
        NotEquilibrated: where they do not, as without `q_shift` at large beta.
        InputError: for conditions.
    """
    if "conditions" in settings:
        expected = "the sampler exact, as chains have one coupling"
        raise InputError("experiment", "conditions", expected, "hmc")
    generator = np.random.default_rng(seed)
    links, hot = starts(system.site_shape, settings.get("chains", CHAINS), generator)
    couplings = (system.beta, system.rectangle)
    q_shift = settings.get("q_shift", True)
    update = LinkTrajectory.of(system.beta, system.site_shape, q_shift, system.rectangle)
    chains = LinkChains(links, *couplings, seed=int(generator.integers(2**62)))
    record = equilibrium(
        path,
        provenance(system=system.kind, parameters=system.parameters, sampler="hmc", seed=seed),
        chains,
        hot,
        FixedUpdate(update, warm_up=WARM_UP),
        samples=settings["samples"],
        checkpoint=checkpoint,
        gate=Gate(identity=0.0),
        label="HMC",
        q_shift=update.q_shift,
    )
    return {"sampler": "hmc", "q_shift": update.q_shift, "steps": update.steps, **record}


samplers = {"exact": sample_exact, "hmc": sample_hmc}
