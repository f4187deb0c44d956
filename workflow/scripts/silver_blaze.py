"""Rule `silver_blaze`: the Bose gas by worldlines and by complex Langevin, for lattices of growing extent in time."""

from pathlib import Path
from typing import TYPE_CHECKING

import numba
import pandas as pd

from emulant.configuration.seeds import job_seed
from emulant.langevin.bose_gas.silver_blaze import silver_blaze
from emulant.storage.atomic import atomic_path

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(table: Path, *, system: dict, scan: dict, seed: int) -> None:
    """Write one row for each method, extent and chemical potential, as `silver_blaze` returns them.

    Arguments:
        table: CSV with columns method, mu, extent, trusted, density, density_error, squared, ...
        system: block of the configuration.
        scan: `extents`, and `sweeps` of the worldlines, `walkers` and `time` of complex Langevin.
        seed: of everything.
    """
    *space, own = system["shape"]
    options = {
        "worldline": {"sweeps": scan["sweeps"]},
        "langevin": {"walkers": scan["walkers"], "time": scan["time"]},
    }
    parts = []
    for method, more in options.items():
        rows = silver_blaze(
            system["mu"],
            sorted({own, *scan["extents"]}),
            mass=system["mass"],
            coupling=system["lambda"],
            space=tuple(space),
            method=method,
            seed=job_seed(seed, method),
            **more,
        )
        parts.append(pd.DataFrame(rows).assign(method=method))
    with atomic_path(table) as temporary:
        pd.concat(parts, ignore_index=True).to_csv(temporary, index=False)


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            Path(snakemake.output.table),
            system=snakemake.params.system,
            scan=snakemake.params.scan,
            seed=snakemake.params.seed,
        )
