"""Rule `generate`: an ensemble from a trained model, and of fields the cumulants on their way."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from emulant.configuration.seeds import job_seed
from emulant.devices import devices, in_order
from emulant.models import load_model
from emulant.statistics.cumulants import ORDER, cumulants, site_moments
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error
from emulant.storage.atomic import atomic_path
from emulant.storage.cost import ledger_entry
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from emulant.storage.records import read_json

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

WATCHED = 65536


def main(
    folder: Path,
    ensemble: Path,
    trajectory: Path | None,
    cost: Path,
    *,
    system: dict,
    seed: int,
    threads: int,
    unprojected: bool = False,
) -> None:
    """Generate settings["generation"]["samples"] configurations with the model in `folder`.

    Where there is no `trajectory` they are events, at impact parameters of the system; `unprojected` makes the first of
    them again, as many whole batches as hold what the generation block asks for, without the projection on exact sums.
    """
    given = devices()
    device = given[0].split(":")[0]
    copies = [(load_model(folder).place(place), place) for place in given]
    model, made = copies[0][0], read_json(folder / "model.json")["provenance"]
    generation, name = model.settings["generation"], model.settings["name"]
    attributes = provenance(system=system["kind"], parameters={}, sampler=name, seed=seed, device=device)
    attributes["parameters"] = made["parameters"]
    seen: dict[float, list[np.ndarray]] = {}
    samples, stage = generation["samples"], "generate"
    if unprojected:
        # A stage of its own: the ledger's price of an event includes the projection.
        stage = "generate_unprojected"
        # Whole batches, which are then the same events.
        samples = min(samples, -(-generation["unprojected"] // generation["batch"]) * generation["batch"])
        attributes["sampler"] = f"{name}_unprojected"

    if trajectory is None:
        opened, impact = model.writer(ensemble, attributes), system["impact"]
    else:
        opened, impact = EnsembleWriter(ensemble, model.site_shape, attributes=attributes), None
    with (
        ledger_entry(cost, stage=stage, source=name, device=device, threads=threads) as entry,
        opened as writer,
        tqdm(total=samples, desc=f"generate {name}", unit="cfg", mininterval=2) as bar,
    ):
        how = {} if impact is None else {"impact": impact, **({"project": False} if unprojected else {})}
        for batch in _batches(copies, samples, seed, how, seen):
            writer.append(batch)
            bar.update(len(batch))
        evaluations = getattr(model, "evaluations", generation["steps"])
        entry |= {"configurations": samples, "tau_int": 0.5, "evaluations": evaluations}
    if trajectory is not None:
        with atomic_path(trajectory) as temporary:
            _cumulants_on_the_way(model, seen).to_csv(temporary, index=False)


def _batches(
    copies: list[tuple[Any, str]],
    samples: int,
    seed: int,
    how: dict[str, Any],
    seen: dict[float, list[np.ndarray]],
) -> Iterator[Any]:
    """Batches from copies of one model with their devices, whose number changes nothing.

    With `how` they are events made like that, else fields, and `seen` fills on the way.
    """
    size = copies[0][0].settings["generation"]["batch"]

    def batch(first: int, copy: tuple[Any, str]) -> tuple[Any, list[tuple[float, np.ndarray]]]:
        model, place = copy
        on_the_way: list[tuple[float, np.ndarray]] = []

        def watch(x: torch.Tensor, s: float) -> None:
            if first < WATCHED:
                on_the_way.append((s, site_moments(x.double().cpu().numpy())))

        count = min(size, samples - first)
        generator = torch.Generator(place).manual_seed(job_seed(seed, "batch", str(first)))
        if how:
            return model.sample(count, generator, first=first, **how), on_the_way
        return model.sample(count, generator, watch=watch).cpu().numpy(), on_the_way

    for made, on_the_way in in_order(batch, range(0, samples, size), copies):
        for s, moments in on_the_way:
            seen.setdefault(s, []).append(moments)
        yield made


def _cumulants_on_the_way(model: object, seen: dict[float, list[np.ndarray]]) -> pd.DataFrame:
    """kappa_n of x_t at the solver's noise levels, in the path's own units of the field."""
    rows = []
    for s, kept in seen.items():
        unit = model.field_unit()
        t = float(model.path.time_of_ratio(s / unit))
        scale = float(model.path.signal(t)) / unit
        moments = np.concatenate(kept)
        sums = BlockSums(ORDER)
        sums.add(assign_blocks(len(moments)), moments)
        value, samples = jackknife(sums, cumulants)
        error = jackknife_error(samples)
        rows += [(t, n, value[n - 1] * scale**n, error[n - 1] * scale**n) for n in (2, 4, 6, 8)]
    return pd.DataFrame(rows, columns=["t", "n", "value", "error"])


if __name__ == "__main__":
    from emulant.configuration.gpu import give
    from emulant.configuration.logging import job_log

    give(snakemake.resources.gpu)
    torch.set_num_threads(snakemake.threads)
    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        trajectory = snakemake.output.get("trajectory")
        main(
            Path(snakemake.input.weights).parent,
            Path(snakemake.output.ensemble),
            Path(trajectory) if trajectory else None,
            Path(snakemake.output.cost),
            system=snakemake.params.system,
            seed=snakemake.params.seed,
            threads=snakemake.threads,
            unprojected=snakemake.params.get("unprojected", False),
        )
