"""Samplers of lattice phi^4: the equilibrium ensemble, and the short quench behind published cumulants."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulant.lattice.backends import backend, device_of
from emulant.lattice.quench import quench
from emulant.lattice.starts import begin
from emulant.lattice.tuning import HybridMonteCarlo
from emulant.markov.driver import equilibrium
from emulant.storage.provenance import provenance
from emulant.systems.phi4.system import Phi4

__all__ = ["samplers"]

CHAINS = 256
"""Chains run at once where the configuration does not say: enough for the evidence of equilibrium, and for vectors."""


def sample_hmc(
    system: Phi4,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    """Write configurations in equilibrium by Hybrid Monte Carlo with clusters; returns the diagnostics."""
    engine, clusters = settings.get("backend", "numba"), settings.get("clusters", 1)
    chains, hot = begin(
        system.site_shape,
        system.kappa,
        system.coupling,
        chains=settings.get("chains", CHAINS),
        seed=seed,
        engine=engine,
    )
    return equilibrium(
        path,
        provenance(system=system.kind, parameters=system.parameters, sampler="hmc", seed=seed),
        chains,
        hot,
        HybridMonteCarlo(clusters),
        samples=settings["samples"],
        checkpoint=checkpoint,
        label="HMC",
        clusters=clusters,
        engine=engine,
    )


def sample_quench(
    system: Phi4,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    """Write configurations after short quenches from N(0, 1), which are not in equilibrium; returns the diagnostics."""
    engine = settings.get("backend", "numba")
    law = (system.site_shape, system.kappa, system.coupling)
    attributes = provenance(
        system=system.kind,
        parameters=system.parameters,
        sampler="quench",
        seed=seed,
        device=device_of(engine),
    )
    return quench(
        path,
        attributes,
        lambda start, chain_seed: backend(engine)(*law, start, seed=chain_seed),
        shape=system.site_shape,
        samples=settings["samples"],
        seed=seed,
        checkpoint=checkpoint,
        engine=engine,
        **{name: settings[name] for name in ("trajectories", "steps") if name in settings},
    )


samplers = {"hmc": sample_hmc, "quench": sample_quench}
