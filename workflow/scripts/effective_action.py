"""Rule `effective_action`: S_DM(φ, t) of a trained model beside the exact -log p_t."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from emulant.models import load_model
from emulant.storage.atomic import atomic_path
from emulant.storage.records import write_json
from emulant.systems import system_from
from emulant.toys.effective_action import effective_action, largest_deviation

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(model: Path, table: Path, record: Path, *, system: dict, times: list[float]) -> None:
    """Compare the learned effective action with the exact one.

    The model measures fields in units of `field_unit`; the table is in units of the action.

    Arguments:
        model: folder of the weights and model.json.
        table: CSV with columns tau = 1 - t, t, phi, learned, exact, density.
        record: JSON with the largest deviation where the density exceeds 1e-2, for each t and of all.
        system: block of the configuration.
        times: t in (0, 1).
    """
    system, trained = system_from(system), load_model(model)
    unit, path = trained.field_unit(), trained.path
    frames, deviations = [], []
    for t in map(float, times):

        @torch.no_grad()
        def score(phi: np.ndarray, t: float = t) -> np.ndarray:
            fields = torch.as_tensor(phi / unit, dtype=torch.float32)[:, None]
            return trained.score(fields, t)[:, 0].double().numpy() / unit

        columns = effective_action(system, score, signal=path.signal(t), noise=unit * path.noise(t))
        frames.append(pd.DataFrame({"tau": 1 - t, "t": t, **columns}))
        deviations.append(largest_deviation(columns))
    with atomic_path(table) as temporary:
        pd.concat(frames).to_csv(temporary, index=False)
    write_json(
        record, {"times": list(times), "deviations": deviations, "max_deviation": float(np.max(deviations))}
    )


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            Path(snakemake.input.weights).parent,
            Path(snakemake.output.table),
            Path(snakemake.output.record),
            system=snakemake.params.system,
            times=snakemake.params.times,
        )
