"""Rule `generate`: an ensemble from a trained model, and of fields the cumulants on their way."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

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
) -> None:
    """Generate settings["generation"]["samples"] configurations with the model in `folder`.

    Where there is no `trajectory` they are events, at impact parameters of the system.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model, made = load_model(folder).place(device), read_json(folder / "model.json")["provenance"]
    generation, name = model.settings["generation"], model.settings["name"]
    generator = torch.Generator(device).manual_seed(seed)
    attributes = provenance(system=system["kind"], parameters={}, sampler=name, seed=seed, device=device)
    attributes["parameters"] = made["parameters"]
    seen: dict[float, list[np.ndarray]] = {}

    def watch(x: torch.Tensor, s: float) -> None:
        kept = seen.setdefault(s, [])
        if sum(map(len, kept)) < WATCHED:
            kept.append(site_moments(x.double().cpu().numpy()))

    count = generation["samples"]
    if trajectory is None:
        opened = model.writer(ensemble, attributes)
        batches = model.stream(count, generator, impact=system["impact"])
    else:
        opened = EnsembleWriter(ensemble, model.site_shape, attributes=attributes)
        batches = _fields(model, count, generator, watch)
    with (
        ledger_entry(cost, stage="generate", source=name, device=device, threads=threads) as entry,
        opened as writer,
        tqdm(total=count, desc=f"generate {name}", unit="cfg", mininterval=2) as bar,
    ):
        for batch in batches:
            writer.append(batch)
            bar.update(len(batch))
        evaluations = getattr(model, "evaluations", generation["steps"])
        entry |= {"configurations": count, "tau_int": 0.5, "evaluations": evaluations}
    if trajectory is not None:
        with atomic_path(trajectory) as temporary:
            _cumulants_on_the_way(model, seen).to_csv(temporary, index=False)


def _fields(
    model: Any, count: int, generator: torch.Generator, watch: Callable[[torch.Tensor, float], None]
) -> Iterator[np.ndarray]:
    """Batches of generated configurations."""
    batch = model.settings["generation"]["batch"]
    for start in range(0, count, batch):
        yield model.sample(min(batch, count - start), generator, watch=watch).cpu().numpy()


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
    from emulant.configuration.logging import job_log

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
        )
