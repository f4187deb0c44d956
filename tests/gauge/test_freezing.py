"""How charges freeze, and figures of it: tables of small runs, drawn."""

import numpy as np
import pandas as pd
import pytest

from emulant.contracts.source import REFERENCE, Source
from emulant.contracts.study import StudyInputs
from emulant.gauge.figures import against_exact, figures, freezing
from emulant.systems.u1.studies import studies
from emulant.systems.u1.system import U1


@pytest.fixture(scope="module")
def frozen():
    settings = {"betas": [1.0, 8.0], "chains": 16, "trajectories": 80}
    return studies["freezing"](U1(2.0, (6, 6)), StudyInputs(settings, seed=2)).table


def test_charges_freeze_without_shifts(frozen):
    """At beta = 8 no trajectory changes the charge, and shifts do, one in thirty as charges are rare; at beta = 1 both do.

    Averages are within 5 errors of the exact ones; what freezes keeps those of its start.
    """
    rows = frozen.set_index(["beta", "q_shift"])
    assert rows.loc[(8.0, False), "changes"] < 0.002 < 0.02 < rows.loc[(8.0, True), "changes"]
    assert rows.loc[(1.0, False), "changes"] > 0.1
    assert (rows["acceptance"] > 0.7).all() and (rows["loop_error"] > 0).all()
    moving = rows.drop((8.0, False))
    for name, exact in (("charge_squared", "exact"), ("loop", "exact_loop")):
        assert ((moving[name] - moving[exact]).abs() < 5 * moving[f"{name}_error"]).all()


def test_the_history_of_a_cold_chain():
    result = studies["history"](U1(8.0, (6, 6)), StudyInputs({"trajectories": 60}, seed=1))
    by_move = result.table.set_index("q_shift")["charge"]
    assert not by_move.loc[False].any() and by_move.loc[True].any()
    assert result.record["changes_without_shift"] == 0 < result.record["changes_with_shift"]
    assert list(result.table["trajectory"]) == 2 * list(range(1, 61))


class Results:
    """Results of an experiment of one model, in memory."""

    models = ("flow",)
    system = U1(2.0, (6, 6))

    def __init__(self, **tables):
        self.all = tables

    def table(self, name):
        return self.all.get(name, pd.DataFrame())

    def tables(self, name):
        return {Source("flow"): self.all[name]} if name in self.all else {}

    def raw(self):
        return [REFERENCE, Source("flow")]

    def variants(self):
        return []

    def records(self, name):
        return {}

    def first_samples(self, sources, count):
        links = np.random.default_rng(1).uniform(-np.pi, np.pi, (40, 2, 6, 6))
        return [(source, links[:count]) for source in sources]


def observables():
    exact = {
        row["index"]: row["value"]
        for row in Results.system.exact_values()
        if row["observable"] == "wilson_loop"
    }
    return pd.DataFrame(
        [
            {
                "model": m,
                "variant": v,
                "observable": "wilson_loop",
                "index": i,
                "value": w * (1 + shift),
                "error": 0.01,
            }
            # A training sample at other couplings is drawn in no figure.
            for m, v, shift in (
                ("reference", "", 0.0),
                ("training", "", 0.5),
                ("flow", "", 0.02),
                ("flow", "weighted", 0.0),
            )
            for i, w in exact.items()
        ]
    )


def test_figures_draw_what_their_tables_hold(frozen):
    weights = pd.DataFrame(
        [{"direction": "reverse", "sector": s, "ess": 0.9, "ess_error": 0.01} for s in ("all", "0", "1")]
    )
    history = pd.DataFrame({"q_shift": [False, True] * 5, "trajectory": range(10), "charge": [0, 1] * 5})
    results = Results(observables=observables(), freezing=frozen, sectors=weights, history=history)
    drawn = {name: dict(figure.draw(results)) for name, figure in figures.items()}
    assert {name for name, several in drawn.items() if several} == {
        "wilson_loop",
        "sectors",
        "history",
        "freezing",
    }
    labels = [
        text.get_text() for text in drawn["wilson_loop"]["wilson_loop"].axes[0].get_legend().get_texts()
    ]
    assert labels == ["exact", "reference", "flow", "flow, reweighted"]
    assert not any(list(figure.draw(Results())) for figure in figures.values())


def test_open_symbols_are_corrected_and_lines_are_exact():
    exact = {1: 0.7, 2: 0.5, 4: 0.24}
    table = observables().query("index in (1, 2, 4)")
    figure = against_exact(table, exact, [REFERENCE, Source("flow", "weighted")], ["flow"], ("area", "W"))
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), list(exact.values()))
    assert figure.axes[1].lines[-1].get_markerfacecolor() == "white"


def test_a_line_where_chains_are_too_short(frozen):
    figure = freezing(frozen)
    assert any(np.allclose(line.get_ydata(), 80 / 20) for line in figure.axes[0].lines)
