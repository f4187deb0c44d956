"""Names of scales, experiments and models: the files of the configuration, read only as far as a name needs."""

from pathlib import Path
from typing import Any

from emulant.configuration.names import RESERVED, check_name
from emulant.contracts.declaration import declared_system, system_kinds
from emulant.errors import InputError, unknown
from emulant.storage.listing import listed
from emulant.storage.yaml_files import names_in, read_yaml

__all__ = ["check_overrides", "experiment_names", "names_of_form", "scales", "sharing_models"]

OPT_IN = "opt_in"
"""Key of a scale at which an experiment runs only if its file has a block for it."""


def names_of_form(folder: Path, form: str) -> list[str]:
    """Experiments whose own file names a system with samples of this form."""
    names = names_in(folder / "experiments")
    systems = {name: read_yaml(folder / "experiments" / f"{name}.yaml").get("system") for name in names}
    kinds = {name: system.get("kind") for name, system in systems.items() if isinstance(system, dict)}
    declared = system_kinds()
    return [
        name for name, kind in kinds.items() if kind in declared and declared_system(kind)["form"] == form
    ]


def sharing_models(folder: Path) -> list[str]:
    """Models whose own file says that they take the weights of another."""
    return [
        name
        for name in names_in(folder / "models")
        if "weights_of" in read_yaml(folder / "models" / f"{name}.yaml")
    ]


def scales(folder: Path) -> list[str]:
    """Names of the scales: the files of config/scales."""
    return names_in(folder / "scales")


def experiment_names(
    folder: Path, wanted: str | list[str], scale: str, file: Path | None = None
) -> list[str]:
    """Names of the experiments to run at `scale`.

    Arguments:
        folder: the configuration.
        wanted: a name, names, or "all": the files that do not skip the scale, and of a scale that says `opt_in` those
            alone that have a block for it.
        scale: a file of config/scales.
        file: to be named where `wanted` or `scale` is wrong; default config.yaml.

    Raises:
        InputError: for an unknown scale or experiment, and for a file whose name is none for an experiment.
    """
    file = file or folder / "config.yaml"
    if scale not in scales(folder):
        raise InputError(file, "scale", *unknown(scale, scales(folder)))
    check_name(scale, folder / "scales" / f"{scale}.yaml", "file name")
    names = _experiments_at(folder, scale) if wanted == "all" else _chosen(folder, wanted, file)
    for name in names:
        written = folder / "experiments" / f"{name}.yaml"
        check_name(name, written, "file name", reserved=RESERVED["experiment"])
    return names


def _experiments_at(folder: Path, scale: str) -> list[str]:
    """All experiments of a scale; raises InputError for a file that would be passed over in silence."""
    for other in listed(folder / "experiments", "*.yml"):
        raise InputError(other, "file name", "a name that ends in .yaml", other.name)
    names = names_in(folder / "experiments")
    if read_yaml(folder / "scales" / f"{scale}.yaml").get(OPT_IN):
        return [name for name in names if scale in _listed(folder, name, "scales")]
    return [name for name in names if scale not in _listed(folder, name, "skip")]


def _chosen(folder: Path, wanted: str | list[str], file: Path) -> list[str]:
    """The experiments that are asked for, each once."""
    names, chosen = names_in(folder / "experiments"), [wanted] if isinstance(wanted, str) else wanted
    for name in chosen:
        if name not in names:
            raise InputError(file, "experiments", *unknown(name, ["all", *names]))
    return list(dict.fromkeys(chosen))


def _listed(folder: Path, name: str, key: str) -> list[Any] | dict[str, Any]:
    """The scales that an experiment's own file lists under a key; none where it is no list, which its schema reports."""
    value = read_yaml(folder / "experiments" / f"{name}.yaml").get(key)
    return value if isinstance(value, list | dict) else []


def check_overrides(folder: Path, blocks: dict[str, Any], file: Path) -> None:
    """Raise InputError where a block of overrides names no experiment."""
    names = ["all", *names_in(folder / "experiments")]
    for name in blocks:
        if name not in names:
            raise InputError(file, f"override.{name}", *unknown(name, names))
