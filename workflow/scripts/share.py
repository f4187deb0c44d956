"""Rule `share`: a model that takes the weights of another, and samples from them as its own settings say."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from emulant.storage.atomic import atomic_path
from emulant.storage.records import read_json, write_json

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(taken: dict[str, Path], made: dict[str, Path], *, settings: dict) -> None:
    """Copy weights and curve; the record gets these settings, and the cost of training this source.

    Arguments:
        taken: files `weights`, `model`, `curve`, `cost` of the other model.
        made: where they go.
        settings: block of the model that takes them.
    """
    for name in ("weights", "curve"):
        with atomic_path(made[name]) as temporary:
            shutil.copyfile(taken[name], temporary)
    write_json(made["model"], read_json(taken["model"]) | {"settings": settings})
    write_json(made["cost"], read_json(taken["cost"]) | {"source": settings["name"]})


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            {name: Path(file) for name, file in snakemake.input.items()},
            {name: Path(file) for name, file in snakemake.output.items()},
            settings=snakemake.params.settings,
        )
