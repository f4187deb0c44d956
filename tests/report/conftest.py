"""A results tree with every file of the workflow, drawn from random numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emulant.contracts.source import REFERENCE, TRAINING, Source
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from emulant.storage.records import write_json
from tests.scripts import script

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "workflow/report/report.html.jinja"
MODEL = "ve_diffusion"
RAW = Source(MODEL)
SOURCES = [REFERENCE, TRAINING, RAW, Source(MODEL, "metropolis"), Source(MODEL, "weighted")]
COST = f"cost/{MODEL}.train.json"
CORRECTION = {
    "acceptance": 0.65,
    "ess": 0.79,
    "ess_error": 0.05,
    "minus_log_z": -1.25,
    "minus_log_z_error": 0.03,
}
LOOKS = {MODEL: ["wine", "P"]}
SINGLE = ("abs_magnetisation", "binder", "susceptibility")
SETTINGS = {
    "phi4_quench": {
        "title": "φ⁴ after a quench",
        "about": "Short quenches (arXiv:2410.21212), not equilibrated.",
        "system": {"kind": "phi4", "kappa": 0.4, "lambda": 0.022, "shape": [6, 6]},
        "reference": {"sampler": "quench"},
        "models": {MODEL: {"family": "diffusion", "yardstick": True}},
    },
    "unmodelled": {
        "title": "No model",
        "about": "Nothing but a name.",
        "system": {"kind": "two_peak", "mean": 2.0, "width": 0.25},
        "reference": {"sampler": "file"},
        "models": {},
    },
}


def columns(sources):
    """The columns model and variant of rows of these sources."""
    return {"model": [source.model for source in sources], "variant": [source.variant for source in sources]}


def of_raw(table):
    """Rows of the model as generated."""
    return (table["model"] == MODEL) & (table["variant"] == "")


def draw(folder):
    """Run the script of the rule `figures`."""
    files = [folder / "reference.h5", folder / MODEL / "ensemble.h5"]
    system = SETTINGS["phi4_quench"]["system"]
    script("figures").main(folder / "figures/index.json", system, [REFERENCE, RAW], files, LOOKS)


def report(root):
    """Run the script of the rule `report`."""
    folder = root / "phi4_quench"
    files = [[*REFERENCE, folder / "reference.h5"], [*RAW, folder / MODEL / "ensemble.h5"]]
    ensembles = {"phi4_quench": files, "unmodelled": []}
    costs = [folder / COST]
    script("report").main(TEMPLATE, root / "report.html", costs, root, SETTINGS, ensembles, LOOKS, 11)


def _ensemble(path, sampler, rng):
    record = provenance(system="phi4", parameters={"kappa": 0.4}, sampler=sampler, seed=7)
    attributes = record | ({"equilibrated": False} if sampler == "quench" else {})
    with EnsembleWriter(path, (6, 6), attributes=attributes) as writer:
        writer.append(rng.normal(size=(8, 6, 6)).astype("float32"))


def _tables(folder, rng):
    keys = (
        [(name, 0) for name in SINGLE]
        + [("kappa", n) for n in (2, 4)]
        + [("correlator", r) for r in range(8)]
    )
    common = {"experiment": folder.name, "tau_int": 0.5, "samples": 512.0}
    rows = [
        {**common, **s._asdict(), "observable": o, "index": i, "value": 1 + rng.normal() / 9, "error": 0.02}
        for s in SOURCES
        for o, i in keys
    ]
    observables = pd.DataFrame(rows)
    compared = observables[observables["model"] != "reference"].assign(
        against="reference", target=1.0, target_error=0.02, verdict="pass"
    )
    exact = observables[observables["observable"] == "kappa"].assign(
        against="exact", target=1.0625, target_error=0.0, verdict="info"
    )
    comparison = pd.concat([compared, exact], ignore_index=True)
    comparison["pull"] = (comparison["value"] - comparison["target"]) / 0.03
    comparison["correlated"] = comparison["observable"].isin(["kappa", "correlator"])
    comparison["p_value"] = np.where(comparison["observable"] == "kappa", 2e-4, 0.5)
    worst = (of_raw(comparison)) & (comparison["observable"] == "binder")
    comparison.loc[worst, ["pull", "verdict"]] = [99.0, "fail"]
    verdicts = pd.DataFrame(
        {"experiment": folder.name, **columns(SOURCES), "tests": 9,
         "worst_observable": ["binder", "binder", "kappa", "binder", "binder"], "worst_index": [0, 0, 4, 0, 0],
         "worst_against": "reference", "worst_together": [False, False, True, False, False], "worst_p": 2e-4,
         "worst_pull": [0.5, 1.0, -3.7, -1.2, 37.5], "limit": 3.25, "chi2_p": 0.4,
         "verdict": ["pass", "pass", "fail", "pass", "info"], "reason": ["", "", "", "", "too few"],
         "note": ["", "", "", "", "the reference dominates; not judged (too few)"]}
    )  # fmt: skip
    edges = np.linspace(-2, 2, 9)
    shapes = [
        pd.DataFrame({**s._asdict(), "quantity": q, "left": edges[:-1], "right": edges[1:],
                      "density": 0.25 + rng.random(8) / 50, "error": 0.01})
        for s in SOURCES
        for q in ("phi", "M", "S")
    ]  # fmt: skip
    grid = pd.MultiIndex.from_product([[0.1, 0.3, 0.5], [2, 4, 6]], names=["t", "n"]).to_frame(index=False)
    tests = [(*s, t, 0.5, 0.5, 0.01, 0.4, 0.2) for s in SOURCES[:4] for t in ("sign_balance", "classifier")]
    files = {
        "observables": observables,
        "comparison": comparison,
        "verdict": verdicts,
        "distributions": pd.concat(shapes),
        "forward": grid.assign(path=MODEL, value=1.01, error=0.01, exact=1.0),
        "two_sample": pd.DataFrame(
            tests, columns=["model", "variant", "test", "statistic", "null", "error", "p_value", "pull"]
        ),
        f"{MODEL}/trajectory": grid.assign(value=0.99, error=0.01),
        f"{MODEL}/training": pd.DataFrame(
            {"examples": [1, 2], "loss": [1.0, 0.9], "validation_loss": [1.0, 0.8]}
        ),
        f"{MODEL}/likelihood": pd.DataFrame(
            {"action": [1.0, 2, 4], "minus_log_q": [3.0, 4, 6], "error": 0.1}
        ),
    }
    for name, table in files.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return verdicts


IDENTITIES = {
    "<phi dS/dphi> = 1": {
        "mean": 0.012, "error": 0.02, "pull": 0.6, "centre": -0.046, "centre_error": 0.023, "centre_pull": -2.0,
        "worst": 3, "worst_pull": 3.25, "groups": 256,
    },
    "<phi_{x+1} dS/dphi_x> = 0": {"mean": 0.001, "error": 0.002, "pull": 0.5},
}  # fmt: skip
"""Of a long file and of a short one, which has no groups."""


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """results/smoke with one whole experiment and one that has nothing but its name; drawn and reported."""
    root = tmp_path_factory.mktemp("results") / "smoke"
    folder, rng = root / "phi4_quench", np.random.default_rng(5)
    (folder / MODEL).mkdir(parents=True)
    (root / "unmodelled").mkdir()
    _ensemble(folder / "reference.h5", "quench", rng)
    _ensemble(folder / MODEL / "ensemble.h5", MODEL, rng)
    _tables(folder, rng).to_csv(root / "verdict.csv", index=False)
    write_json(
        folder / "reference.json",
        {"equilibrated": False, "acceptance": 0.99, "gate": {"walls": 3}, "identities": IDENTITIES},
    )
    write_json(folder / MODEL / "correction.json", CORRECTION)
    cost = {
        "model": MODEL,
        "variant": "",
        "stage": "train",
        "seconds": 12.5,
        "cpu_seconds": 12.0,
        "device": "cpu",
    }
    write_json(folder / COST, cost)
    pd.DataFrame(
        {"experiment": "phi4_quench", **columns([REFERENCE, RAW]), "seconds_per_independent": [1e-3, 4e-3],
         "seconds_per_independent_with_training": [1e-3, 8e-3], "training_seconds": [0.0, 12.5],
         "configurations": [4096, 512], "tau_int": 0.5, "evaluations": [np.nan, 24], "device": "cpu", "threads": 1,
         "ratio_to_reference": [1.0, 4.0]}
    ).to_csv(root / "cost.csv", index=False)  # fmt: skip
    draw(folder)
    report(root)
    return root
