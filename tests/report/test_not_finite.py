"""Figures and page are made of tables in which numbers are NaN or infinite."""

import shutil

import numpy as np
import pandas as pd

from emulant.storage.records import read_json

from .conftest import draw, report

NUMBERS = ("value", "error", "density", "pull", "target", "target_error", "exact", "loss", "validation_loss")


def test_no_number_is_drawn_as_nothing(tree, tmp_path):
    """Every number of every table of the model is NaN or infinite, and a third of the reference's."""
    root = shutil.copytree(tree, tmp_path / "smoke")
    folder, rng = root / "phi4_quench", np.random.default_rng(1)
    for file in folder.rglob("*.csv"):
        table = pd.read_csv(file, converters={"variant": str})
        chosen = rng.random(len(table)) < 1 / 3
        if "model" in table:
            chosen |= table["model"] == "ve_diffusion"
        for name in table.columns.intersection(NUMBERS):
            bad = rng.choice([np.nan, np.inf, -np.inf], len(table))
            table[name] = np.where(chosen, bad, table[name])
        table.to_csv(file, index=False)
    draw(folder)
    report(root)
    names = {figure["file"] for figure in read_json(folder / "figures/index.json")["figures"]}
    assert {"correlator.svg", "distributions.svg", "cumulants.svg", "training.svg"} <= names
    assert "<html" in (root / "report.html").read_text(encoding="utf-8")
