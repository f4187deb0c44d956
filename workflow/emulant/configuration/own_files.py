"""Files that users bring, looked for before any job."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulant.contracts.declaration import files_of_reference
from emulant.errors import InputError

__all__ = ["check_file"]


def check_file(folder: Path, name: str, settings: Mapping[str, Any]) -> None:
    """Raise InputError where a file that an experiment's reference names does not exist.

    Arguments:
        folder: the configuration.
        name: of the experiment.
        settings: of the experiment.
    """
    for key, file in files_of_reference(settings["system"]["kind"], settings["reference"]).items():
        if not Path(file).is_file():
            expected = "a file that exists (paths are relative to the checkout)"
            raise InputError(folder / "experiments" / f"{name}.yaml", f"reference.{key}", expected, file)
