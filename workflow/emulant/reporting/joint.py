"""Tests that no single pull shows: sets that are judged together, and two-sample tests, as rows of the figure of pulls."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.source import Source, of_source
from emulant.plots.format import minus, number_text
from emulant.plots.symbols import set_html, symbol_html
from emulant.reporting.results import Results
from emulant.statistics.pulls import LARGEST, equivalent_pull

__all__ = ["BLIND", "blind_tests", "every_test", "joint_tests", "worst_pull", "worst_test"]

BLIND = "blind"
"""Where two-sample tests stand in the figure of pulls: in a block of their own."""
SET = ["model", "variant", "against", "observable"]
COLUMNS = [*SET, "index", "pull", "together", "tested"]


def every_test(comparison: pd.DataFrame, two_sample: pd.DataFrame) -> pd.DataFrame:
    """Rows of the figure of pulls: numbers, sets that are judged together, and two-sample tests."""
    numbers = comparison.assign(together=False, tested=comparison["p_value"].notna())
    parts = [numbers, joint_tests(comparison), blind_tests(two_sample)]
    return pd.concat([part[COLUMNS] for part in parts if len(part)], ignore_index=True)


def joint_tests(comparison: pd.DataFrame) -> pd.DataFrame:
    """One row for each set of several numbers that is judged together, with the pull that a Gaussian would need.

    Such a test has no sign; its row has `together`.
    """
    judged = comparison[comparison["correlated"].astype(bool) & comparison["p_value"].notna()]
    sets = judged.groupby(SET, sort=False).agg(p_value=("p_value", "first"), members=("index", "size"))
    sets = sets[sets["members"] > 1].reset_index()
    return sets.assign(
        index=0, together=True, tested=True, pull=[equivalent_pull(p) for p in sets["p_value"]]
    )


def blind_tests(table: pd.DataFrame) -> pd.DataFrame:
    """Two-sample tests with the pulls that Gaussians would need for their p-values."""
    if table.empty:
        return pd.DataFrame(columns=COLUMNS)
    judged = table[table["p_value"].notna()]
    size = np.array([equivalent_pull(p) for p in judged["p_value"]], dtype=float)
    signed = np.copysign(size, judged["pull"].fillna(1.0))
    return judged.rename(columns={"test": "observable"}).assign(
        against=BLIND, pull=signed, together=False, tested=True, index=0
    )


def worst_test(row: Mapping[str, Any], results: Results) -> str:
    """The worst test of a source as HTML: a set by its members and its p-value, anything else by its symbol."""
    name = row["worst_observable"]
    if not isinstance(name, str) or not name:
        return "–"
    if row.get("worst_together") not in (True, "True"):
        return symbol_html(name, row["worst_index"], results.observables)
    rows = of_source(results.table("comparison"), Source(row["model"], row["variant"]))
    rows = rows[(rows["observable"] == name) & (rows["against"] == row["worst_against"])]
    indices = sorted(rows.loc[rows["p_value"].notna(), "index"].astype(int))
    symbols = set_html(name, indices, results.observables)
    return f"{symbols} together, <i>p</i> {_p_text(row['worst_p'])}" if len(indices) > 1 else symbols


def worst_pull(row: Mapping[str, Any]) -> str:
    """The pull of the worst test; of a set without a sign, and no number where its p-value is below all numbers."""
    pull, sign = row["worst_pull"], row.get("worst_together") not in (True, "True")
    if not np.isfinite(pull):
        return "–"
    if abs(pull) > LARGEST:
        return f"> {LARGEST:.0f}" if pull > 0 or not sign else f"< {minus(f'{-LARGEST:.0f}')}"
    return minus(f"{pull:+.1f}" if sign else f"{abs(pull):.1f}")


def _p_text(p: float) -> str:
    return f"= {number_text(p)}" if p > np.finfo(float).tiny else "< 10⁻³⁰⁰"
