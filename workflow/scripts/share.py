"""Rule `share`: a model that takes the weights of another, and samples from them as its own settings say."""

import shutil
from pathlib import Path

from emulant.storage.atomic import atomic_path
from emulant.storage.records import read_json, write_json


def main(trained: list[Path], weights: Path, model: Path, curve: Path, cost: Path, settings: dict) -> None:
    """Copy weights and curve; the record gets these settings, and the cost of training this model.

    Arguments:
        trained: weights, model.json, training.csv and cost of the other model.
        weights, model, curve, cost: where they go.
        settings: block of the model that takes them.
    """
    for source, copy in zip(trained[::2], (weights, curve), strict=True):
        with atomic_path(copy) as temporary:
            shutil.copyfile(source, temporary)
    write_json(model, read_json(trained[1]) | {"settings": settings})
    write_json(cost, read_json(trained[3]) | {"model": settings["name"], "variant": ""})


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
