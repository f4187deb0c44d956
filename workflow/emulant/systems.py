"""Systems by the name that a configuration gives them."""

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from emulant.errors import InputError
from emulant.storage.ensemble import open_ensemble

__all__ = ["SYSTEMS", "System", "open_samples", "system_from"]

SYSTEMS = {
    "phi4": "emulant.lattice.system:Phi4",
    "two_peak": "emulant.toys.two_peak:TwoPeak",
    "quartic_well": "emulant.toys.quartic_well:QuarticWell",
    "planar_peaks": "emulant.toys.planar_peaks:PlanarPeaks",
    "collision": "emulant.collisions.system:Collision",
    "bose_gas": "emulant.langevin.bose_gas.system:BoseGasSystem",
    "complex_action": "emulant.langevin.system:ComplexAction",
}


class System(Protocol):
    """The physics: what a reference is drawn from and models are judged by.

    One whose configurations are no arrays (`collisions.system`) also has `open`, `import_reference`, and a module of
    two-sample tests by the name `opinion_module`; where its reference is made in shards, `sample_shard` and
    `merge_reference`.
    """

    kind: str
    site_shape: tuple[int, ...]
    parameters: dict[str, Any]
    observable_package: str

    def view(self, configurations: Any) -> Any:
        """What observables are shown of configurations (n, *site_shape)."""

    def action(self, fields: Any) -> Any:
        """S of each configuration, (N,)."""

    def gradient(self, fields: Any) -> Any:
        """dS/dphi, the shape of `fields`."""

    def sample_reference(
        self, path: Path, *, settings: dict, seed: int, checkpoint: Path, threads: int = 1
    ) -> dict[str, Any]:
        """Write the trusted ensemble; returns its diagnostics."""

    def exact_values(self) -> list[dict[str, Any]]:
        """Rows of observable, index, value, error that are known exactly."""


def system_from(settings: dict[str, Any]) -> System:
    """The system of a `system` block; raises InputError for an unknown kind."""
    if settings.get("kind") not in SYSTEMS:
        raise InputError("experiment", "system.kind", f"one of {', '.join(SYSTEMS)}", settings.get("kind"))
    module, name = SYSTEMS[settings["kind"]].split(":")
    system = getattr(import_module(module), name)
    numbers = {key: value for key, value in settings.items() if key != "kind"}
    return system.from_settings(settings) if hasattr(system, "from_settings") else system(**numbers)


def open_samples(path: Path, system: System) -> Any:
    """An ensemble of a system, whatever the format: it has a length, chunks, attributes, chain and log_weight."""
    if hasattr(system, "open"):
        return system.open(path)
    return open_ensemble(path, site_shape=system.site_shape)
