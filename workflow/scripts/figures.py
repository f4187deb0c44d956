"""Rule `figures`: every figure of an experiment, and the index that the report reads."""

from pathlib import Path

from emulant.contracts.source import paired
from emulant.plots.style import looking
from emulant.reporting.gallery import write_gallery
from emulant.reporting.results import Results


def main(index: Path, system: dict, sources: list, ensembles: list[Path], looks: dict) -> None:
    """Draw everything that the files in the experiment's folder, two above `index`, allow.

    `looks` maps models to the name of a colour and a marker.
    """
    with looking(looks):
        write_gallery(Results(index.parent.parent, system, paired(sources, ensembles)), index)


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
