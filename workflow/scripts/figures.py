"""Rule `figures`: every figure of an experiment, and the index that the report reads."""

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from emulant.plots.style import save
from emulant.reporting.gallery import gallery
from emulant.reporting.results import Results
from emulant.storage.records import write_json

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(folder: Path, index: Path, *, models: list[str], captions: Path) -> None:
    """Draw everything that the files in an experiment's `folder` allow.

    The index lists, in the order to show them, `file` (beside the index), `title`, `caption` and `half`
    (whether half of the page's width is enough); `alt` is what a screen reader says. Whoever adds an entry
    there adds a figure to the report.
    """
    words = yaml.safe_load(captions.read_text(encoding="utf-8"))
    results, entries = Results(folder, models), []
    for kind, name, figure in gallery(results):
        save(figure, index.parent / f"{name}.svg")
        entry = {"half": False, "title": name, "caption": ""} | words.get(kind, {})
        entries.append(entry | {"file": f"{name}.svg", "alt": f"{folder.name}: {entry['title']}"})
    write_json(index, {"figures": entries})


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        index = Path(snakemake.output.index)
        main(
            index.parent.parent,
            index,
            models=snakemake.params.models,
            captions=Path(snakemake.input.captions),
        )
