"""Rule `train`: fit a model to the training ensemble."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file

from emulant.devices import devices
from emulant.errors import InputError
from emulant.models import build_model
from emulant.storage.atomic import atomic_path
from emulant.storage.cost import ledger_entry
from emulant.storage.provenance import provenance
from emulant.storage.records import write_json
from emulant.systems import open_samples, system_from
from emulant.training.checkpoint import fingerprint
from emulant.training.loop import TrainingSettings, train

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    training: Path,
    weights: Path,
    record: Path,
    curve: Path,
    cost: Path,
    *,
    system: dict,
    settings: dict,
    seed: int,
    code: str,
    checkpoint: Path,
    threads: int,
) -> None:
    """Train as `settings` (a model block) says; goes on from `checkpoint` if it belongs to this very job."""
    torch.manual_seed(seed)
    given = devices()
    device = given[0].split(":")[0]
    physics = system_from(system)
    with open_samples(training, physics) as ensemble:
        attributes, samples = ensemble.attributes, ensemble.read()
    samples = torch.from_numpy(samples) if isinstance(samples, np.ndarray) else samples
    if isinstance(samples, torch.Tensor) and not samples.std() > 0:
        raise InputError(training, "configurations", "configurations that differ", "zero variance")
    if settings.get("target") == "forces" and not attributes.get("equilibrated", True):
        raise InputError(
            training, f"{settings['name']}.target", "fields", "forces, in an ensemble that is not exp(-S)"
        )
    with ledger_entry(cost, stage="train", source=settings["name"], device=device, threads=threads) as entry:
        model = build_model(settings, samples, physics)
        # Events become rows of a tensor by the slots and scales of the model that learns them.
        examples = model.examples(samples, seed) if hasattr(model, "examples") else samples
        stamp = fingerprint(
            *(
                settings,
                seed,
                code,
                attributes["parameters"],
                attributes["seed"],
                list(examples.shape),
                device,
            )
        )
        averaged, rows = train(
            model,
            examples,
            TrainingSettings(**settings["training"]),
            seed=seed,
            checkpoint=checkpoint,
            stamp=stamp,
            progress=f"train {settings['name']}",
            devices=given,
        )
        tensors = model.finished(averaged, examples, torch.Generator(device).manual_seed(seed))
        entry["configurations"] = settings["training"]["steps"] * settings["training"]["batch"]
    with atomic_path(weights) as temporary:
        save_file(tensors, temporary)
    made = provenance(
        system=attributes["system"],
        parameters=attributes["parameters"],
        sampler=settings["name"],
        seed=seed,
        device=device,
    )
    write_json(record, {"settings": settings, "site_shape": list(model.site_shape), "provenance": made})
    with atomic_path(curve) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)
    checkpoint.unlink(missing_ok=True)


if __name__ == "__main__":
    from emulant.configuration.gpu import give
    from emulant.configuration.logging import job_log

    give(snakemake.resources.gpu)
    torch.set_num_threads(snakemake.threads)
    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            Path(snakemake.input.training),
            Path(snakemake.output.weights),
            Path(snakemake.output.model),
            Path(snakemake.output.curve),
            Path(snakemake.output.cost),
            system=snakemake.params.system,
            settings=snakemake.params.settings,
            seed=snakemake.params.seed,
            code=snakemake.params.code,
            checkpoint=Path(snakemake.params.checkpoint),
            threads=snakemake.threads,
        )
