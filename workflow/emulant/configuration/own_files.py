"""Files that users bring, looked for before any job."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulant.errors import InputError

__all__ = ["check_file"]


def check_file(folder: Path, name: str, settings: Mapping[str, Any]) -> None:
    """Raise InputError where the file of an experiment's reference does not exist.

    Arguments:
        folder: the configuration.
        name: of the experiment.
        settings: of the experiment.
    """
    block = settings.get("reference", {})
    if block.get("sampler") == "file" and not Path(block["file"]).is_file():
        expected = "a file that exists (paths are relative to the checkout)"
        raise InputError(folder / "experiments" / f"{name}.yaml", "reference.file", expected, block["file"])
