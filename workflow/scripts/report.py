"""Rule `report`: one self-contained HTML file."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from emulant.reporting.front import cost_rows, verdict_groups
from emulant.reporting.page import cost_picture, environment
from emulant.reporting.results import Results
from emulant.reporting.section import section
from emulant.storage.atomic import atomic_path
from emulant.storage.cost import costs_of
from emulant.storage.provenance import code_version, library_versions

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    template: Path, report: Path, *, settings: dict[str, dict], seed: int, records: Sequence[Path] = ()
) -> None:
    """Fill `template` with everything under the folder of `report`.

    Arguments:
        template: a jinja file; the parts that it includes lie beside it.
        report: the page to write, results/<scale>/report.html.
        settings: experiment -> its merged configuration, in the order to show them.
        seed: the root seed.
        records: of what the jobs of all experiments cost.
    """
    folder = report.parent
    verdicts, costs = (_table(folder / name) for name in ("verdict.csv", "cost.csv"))
    found = {name: Results(folder / name, list(own.get("models", {}))) for name, own in settings.items()}
    page = environment(template.parent).get_template(template.name)
    text = page.render(
        scale=folder.name,
        seed=seed,
        code=code_version(),
        libraries=json.loads(library_versions()),
        groups=verdict_groups(found, settings, verdicts, costs),
        costs=cost_rows(costs),
        cost_picture=cost_picture(costs),
        experiments=[
            section(results, settings[name], costs_of(name, records)) for name, results in found.items()
        ],
    )
    with atomic_path(report) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _table(file: Path) -> pd.DataFrame:
    return pd.read_csv(file) if file.exists() else pd.DataFrame(columns=["experiment", "source"])


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            Path(snakemake.input.template),
            Path(snakemake.output.report),
            settings=snakemake.params.settings,
            seed=snakemake.params.seed,
            records=[Path(file) for file in snakemake.input.costs],
        )
