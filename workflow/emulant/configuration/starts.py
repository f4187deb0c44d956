"""Models whose training begins with the weights of another experiment's: whether those can be trained before."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emulant.errors import InputError, unknown
from emulant.storage.yaml_files import names_in

__all__ = ["check_starts"]


def check_starts(folder: Path, name: str, settings_of: Callable[[str], Mapping[str, Any]]) -> None:
    """Follow each model of an experiment back to the first training of its weights.

    Arguments:
        folder: the configuration.
        name: of the experiment.
        settings_of: name of an experiment -> its settings.

    Raises:
        InputError: where an experiment or a model on the way is unknown, of another family, or the way leads back.
    """
    for model in settings_of(name)["models"].values():
        experiment, trained = name, {(name, model["name"])}
        while "starts_from" in model:
            file = folder / "experiments" / f"{experiment}.yaml"
            key = f"models.{model['name']}.starts_from"
            experiment, model = _start(model, file, key, settings_of)
            if (experiment, model["name"]) in trained:
                raise InputError(file, key, "a model that is trained before this one", model["name"])
            trained.add((experiment, model["name"]))


def _start(
    model: Mapping[str, Any], file: Path, key: str, settings_of: Callable[[str], Mapping[str, Any]]
) -> tuple[str, Mapping[str, Any]]:
    """The experiment and the model that a model begins with."""
    experiment, name = model["starts_from"]["experiment"], model["starts_from"]["model"]
    experiments = names_in(file.parent)
    if experiment not in experiments:
        raise InputError(file, f"{key}.experiment", *unknown(experiment, experiments))
    models = settings_of(experiment)["models"]
    if name not in models:
        raise InputError(file, f"{key}.model", *unknown(name, list(models)))
    if models[name]["family"] != model["family"]:
        raise InputError(file, f"{key}.model", f"a model of family {model['family']}", models[name]["family"])
    return experiment, models[name]
