"""Rule `figures`: every figure of an experiment, and the index that the report reads."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from emulant.plots import ensembles, judgement
from emulant.plots.style import save
from emulant.storage.ensemble import open_ensemble
from emulant.storage.records import write_json

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(folder: Path, index: Path, *, models: list[str], system: dict) -> None:
    """Draw everything that the files in an experiment's `folder` allow."""
    observables, comparison = pd.read_csv(folder / "observables.csv"), pd.read_csv(folder / "comparison.csv")
    verdicts, forward = pd.read_csv(folder / "verdict.csv"), pd.read_csv(folder / "forward.csv")
    histograms = pd.read_csv(folder / "distributions.csv")
    shown = ["reference", *models]
    curves = {model: pd.read_csv(folder / model / "training.csv") for model in models}
    ways = {model: pd.read_csv(folder / model / "trajectory.csv") for model in models}
    likelihoods = {
        model: pd.read_csv(folder / model / "likelihood.csv")
        for model in models
        if (folder / model / "likelihood.csv").exists()
    }
    fields, note = {}, ""
    for source in shown:
        with open_ensemble(
            folder / ("reference.h5" if source == "reference" else f"{source}/ensemble.h5")
        ) as made:
            if len(made.site_shape) == 2:
                fields[source] = made.read(0, 2)
            if source == "reference" and not made.attributes.get("equilibrated", True):
                note = "not equilibrated"
    drawn = []
    if fields:
        drawn.append(("fields", "Sample fields", ensembles.sample_fields(fields, note=note)))
    drawn.append(("pulls", "Pulls against the reference", judgement.pulls(comparison, verdicts)))
    drawn.append(("distributions", "Distributions", ensembles.distributions(histograms, shown)))
    for name, title in (("correlator", "Connected correlator"), ("power_spectrum", "Power spectrum")):
        if name in set(observables["observable"]):
            drawn.append((name, title, ensembles.correlator(observables, shown, name)))
    if any(len(way) for way in ways.values()):
        drawn.append(("cumulants", "Cumulants along the path", judgement.cumulants_along_path(forward, ways)))
    drawn.append(("training", "Training", judgement.training_curves(curves)))
    if likelihoods and system["kind"] == "phi4":
        drawn.append(("likelihood", "Likelihood against the action", judgement.likelihood(likelihoods)))
    for model in models:
        table = folder / model / "effective_action.csv"
        if table.exists():
            made = judgement.effective_action(pd.read_csv(table))
            drawn.append((f"effective_action_{model}", f"Effective action of {model}", made))
    entries = []
    for name, title, made in drawn:
        save(made, index.parent / f"{name}.svg")
        entries.append({"file": f"{name}.svg", "title": title, "caption": CAPTIONS[name.split("_ve")[0]]})
    write_json(index, {"figures": entries, "note": note})


CAPTIONS = {
    "fields": "Two configurations of each source on one colour scale.",
    "pulls": "Difference over combined error for every single number; the band is the limit for all tests together. "
    "Triangles are corrected ensembles.",
    "distributions": "One-site field, magnetisation and action; below, deviations from the reference in combined errors.",
    "correlator": "Along the axes, signed mean subtracted; the ratio carries the errors of the source alone.",
    "power_spectrum": "Mean power of the Fourier modes by shell; the ratio carries the errors of the source alone.",
    "cumulants": "One-site cumulants in units of the field's root mean square. Lines: the exact laws from t = 0.",
    "training": "Loss of the running weights, and of the averaged weights on held-out configurations.",
    "likelihood": "An exact model lies on the line of slope one.",
    "effective_action": "Grey: exact -log p_t by quadrature; right, the difference where p_t > 0.01 (band: 0.02).",
}


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    with job_log(snakemake.log[0]):
        index = Path(snakemake.output.index)
        main(index.parent.parent, index, models=snakemake.params.models, system=snakemake.params.system)
