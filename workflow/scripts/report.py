"""Rule `report`: one self-contained HTML file, a front page and a page for each experiment."""

from pathlib import Path

from emulant.plots.style import looking
from emulant.reporting.page import write_page
from emulant.reporting.results import results_of
from emulant.storage.cost import costs_of


def main(
    template: Path,
    report: Path,
    costs: list[Path],
    folder: Path,
    settings: dict,
    ensembles: dict,
    looks: dict,
    seed: int,
) -> None:
    """Fill `template` with the results of experiments in `folder`, whose tables lie beside `report`.

    Arguments:
        template, report: a jinja file, beside which the parts that it includes lie, and the page to write.
        costs: records of what every job cost.
        folder: results/<scale>.
        settings: experiment -> its merged configuration, in the order to show them.
        ensembles: experiment -> list of model, variant and file of each of its ensembles.
        looks, seed: model -> name of its colour, and its marker; the root seed.
    """
    prices = {name: costs_of(name, costs) for name in settings}
    with looking(looks):
        results = results_of(folder, settings, ensembles)
        write_page(template, report, folder.name, results, settings, prices, seed)


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
