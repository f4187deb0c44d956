"""Figures of what models recover: f with its floor, its evolution, other physics, and what pairs of particles show."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.contracts.source import Source
from emulant.kinetic.transport import SLICES
from emulant.plots.format import value_with_error
from emulant.plots.style import BAND, INK, PALETTE, QUIET, look_of, panels, styled
from emulant.systems.charge_transport.views import RANKS, rank_counts

__all__ = ["evolution", "recovered", "robustness", "shapes", "unfolding_figures", "without_separation"]

SURROGATE = "Own kinetic surrogate, not AMPT."
OUTER = 2 / 3
"""Separations of which the evolution is shown, in units of the largest."""
ABSENT = "no separation"


@styled
def recovered(table: pd.DataFrame, floor: float, models: Sequence[str]) -> Figure:
    """Recovered on true f, and the ranks of the truth among draws, a column a model.

    Arguments:
        table: rows of f itself.
        floor: half the width of the band.
        models: all models of the experiment.
    """
    names = [name for name in models if name in set(table["model"])]
    figure, axes = panels(2, len(names), width=2.5, height=2.5, ratios=[1.0, 0.6], sharey="row")
    edge = 1.1 * table["separation"].abs().max()
    line = np.array([-edge, edge])
    for (above, below), name in zip(axes.T, names, strict=True):
        part, look = table[table["model"] == name], look_of(Source(name), models)
        above.fill_between(line, line - floor, line + floor, color=BAND)
        above.plot(line, line, color=QUIET, lw=0.8)
        spread = [part["mean"] - part["low"], part["high"] - part["mean"]]
        bars = {"elinewidth": 0.3, "ms": 2, "fmt": ".", "color": look.colour, "alpha": 0.5}
        above.errorbar(part["separation"], part["mean"], np.clip(spread, 0, None), **bars)
        above.set_title(f"{look.label}\nrms error {_rms_error(part)}", fontsize=9)
        above.set_xlabel("true $f$")
        observed, expected = rank_counts(part["rank"].to_numpy(), int(part["draws"].iloc[0]))
        below.bar(np.arange(RANKS) / RANKS, observed / expected, 1 / RANKS, align="edge", color=look.colour)
        below.axhline(1, color=INK, lw=0.8)
        below.set_xlabel("rank of the truth")
    axes[0, 0].set_ylabel("recovered $f$")
    return figure


def _rms_error(part: pd.DataFrame) -> str:
    """Root mean square error of the means of f, with its own error for normal deviations."""
    rms = np.sqrt(np.square(part["mean"] - part["separation"]).mean())
    return value_with_error(rms, rms / np.sqrt(2 * len(part)))


@styled
def evolution(table: pd.DataFrame, models: Sequence[str]) -> Figure:
    """Mean dipole of large separations at each slice, true and recovered.

    Arguments:
        table: rows of slices.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 1, width=6.4, height=3.2)
    axis, drawn = axes[0, 0], table[table["separation"].abs() > OUTER * table["separation"].abs().max()]
    sign = np.sign(drawn["separation"]) * drawn["response"]
    drawn = drawn.assign(truth=sign * drawn["truth"], mean=sign * drawn["mean"])
    names = [name for name in models if name in set(drawn["model"])]
    truth = drawn[drawn["model"] == names[0]].groupby("slice")["truth"]
    axis.errorbar(truth.mean().index, truth.mean(), truth.sem(), fmt="o-", color=INK, label="true")
    for shift, name in enumerate(names, 1):
        part, look = drawn[drawn["model"] == name].groupby("slice")["mean"], look_of(Source(name), models)
        drawing = {"fmt": look.marker, "color": look.colour, "label": look.label}
        axis.errorbar(part.mean().index + 0.08 * shift, part.mean(), part.sem(), **drawing)
    axis.set_xticks(range(len(SLICES) - 1), SLICES[:-1], rotation=30, ha="right", fontsize=8)
    axis.set_ylabel("dipole of large $|f|$")
    axis.set_ylim(bottom=0)
    axis.legend(fontsize=8)
    return figure


@styled
def robustness(table: pd.DataFrame, models: Sequence[str]) -> Figure:
    """Slope of recovered on true f, a row a case; bars where the slope of training times the survival lies.

    Arguments:
        table: of the study.
        models: all models of the experiment.
    """
    shown = table[table["slope"].notna()]
    cases = list(dict.fromkeys(shown["case"]))
    figure, axes = panels(1, 1, width=7.0, height=0.6 + 0.55 * len(cases))
    axis, names = axes[0, 0], [name for name in models if name in set(shown["model"])]
    for row, case in enumerate(cases):
        part = shown[shown["case"] == case].set_index("model")
        expected, error = part["survival"].iloc[0], part["survival_error"].iloc[0]
        axis.barh(-row, 2 * error, left=expected - error, height=0.8, color=BAND)
        for shift, name in enumerate(names):
            values, look = part.loc[name], look_of(Source(name), models)
            label = {"label": look.label} if row == 0 else {}
            drawing = {"fmt": look.marker, "color": look.colour, **label}
            height = -row + 0.3 - 0.6 * shift / max(1, len(names) - 1)
            axis.errorbar(values["slope"], height, xerr=values["slope_error"], **drawing)
    axis.axvline(1, color=INK, lw=0.8)
    axis.set_yticks(-np.arange(len(cases)), cases)
    axis.set_xlabel("slope of recovered on true $f$")
    axis.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@styled
def without_separation(table: pd.DataFrame, models: Sequence[str]) -> Figure:
    """Delta gamma beside recovered f, where nothing is separated.

    Arguments:
        table: rows of such cases.
        models: all models of the experiment.
    """
    cases, names = list(dict.fromkeys(table["case"])), [m for m in models if m in set(table["model"])]
    figure, axes = panels(1, 2, width=3.6, height=0.8 + 0.8 * len(cases), sharey=True)
    for row, case in enumerate(cases):
        part = table[table["case"] == case].set_index("model")
        value, error = (float(part[name].iloc[0]) for name in ("delta_gamma", "delta_gamma_error"))
        axes[0, 0].errorbar(1e4 * value, -row, xerr=1e4 * error, fmt="o", color=INK)
        for shift, name in enumerate(names):
            values, look = part.loc[name], look_of(Source(name), models)
            label = {"label": look.label} if row == 0 else {}
            drawing = {"fmt": look.marker, "color": look.colour, **label}
            axes[0, 1].errorbar(
                values["bias"], -row + 0.25 - 0.1 * shift, xerr=values["bias_error"], **drawing
            )
    for axis, label in zip(axes[0], (r"$10^4\,\Delta\gamma$", "recovered $f$"), strict=True):
        axis.axvline(0, color=INK, lw=0.8)
        axis.set_xlabel(label)
    axes[0, 0].set_yticks(-np.arange(len(cases)), [case.replace(", ", "\n") for case in cases], fontsize=8)
    axes[0, 1].legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@styled
def shapes(table: pd.DataFrame, record: Mapping[str, Any]) -> Figure:
    """Delta gamma on v_2 of classes of events with the line through them, beside R_Psi2, for each separation.

    Arguments:
        table, record: of the study.
    """
    figure, axes = panels(1, 2, width=4.0, height=3.2)
    for number, (separation, part) in enumerate(table.groupby("separation")):
        line, colour = record[f"separation_{separation:g}"], PALETTE[number]
        drawing = {"fmt": "osD"[number], "color": colour, "label": f"f = {separation:g}"}
        errors = (1e4 * part["delta_gamma_error"], part["elliptic_flow_error"])
        axes[0, 0].errorbar(part["elliptic_flow"], 1e4 * part["delta_gamma"], *errors, **drawing)
        ends = np.array([0, part["elliptic_flow"].max()])
        axes[0, 0].plot(ends, 1e4 * (line["intercept"] + line["slope"] * ends), color=colour, lw=1)
        bins = pd.DataFrame(line["correlator"])
        axes[0, 1].errorbar(bins["difference"], bins["ratio"], bins["error"], **drawing)
    axes[0, 0].axhline(0, color=INK, lw=0.8)
    axes[0, 1].axhline(1, color=INK, lw=0.8)
    axes[0, 0].set_xlabel("$v_2$ of the other half")
    axes[0, 0].set_ylabel(r"$10^4\,\Delta\gamma$")
    axes[0, 1].set_xlabel(r"$\Delta S$ in its deviations with shuffled charges")
    axes[0, 1].set_ylabel(r"$R_{\Psi_2}$")
    axes[0, 0].legend(fontsize=9)
    return figure


def _unfolded(results: Results) -> Iterator[tuple[str, Figure]]:
    table, record = results.table("unfolded"), results.record("unfolded")
    if len(table):
        yield "recovered", recovered(table[table["slice"] < 0], record["floor"], results.models)
        if table["separation"].any():
            yield "evolution", evolution(table[table["slice"] >= 0], results.models)


def _robustness(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("robustness")
    if len(table):
        yield "robustness", robustness(table, results.models)


def _without(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("robustness")
    if len(table):
        yield (
            "without_separation",
            without_separation(table[table["case"].str.startswith(ABSENT)], results.models),
        )


def _shapes(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("event_shapes")
    if len(table):
        yield "event_shapes", shapes(table, results.record("event_shapes"))


unfolding_figures = {
    "unfolded": Shown(
        _unfolded,
        "Charge separation that is recovered from the last slice",
        f"{SURROGATE} Above: mean and central 68 % of each sample's f; the band is the least error of an unbiased linear"
        " estimate. A model whose error is not below that of a linear law has learned nothing of f beyond it."
        " Below: ranks of the truth among a model's draws, over what right intervals give. Last: dipole of"
        " large separations at each slice, true and recovered.",
    ),
    "robustness": Shown(
        _robustness,
        "Physics that no training had",
        f"{SURROGATE} Slope of recovered on true f. Bands: what of the dipole survives to the last slice, over what survives"
        " in training: the slope of whatever is linear in it.",
    ),
    "without_separation": Shown(
        _without,
        "Where nothing is separated",
        f"{SURROGATE} Decays and local charge conservation in matter that flows make Δγ; what is recovered of f stays zero.",
    ),
    "event_shapes": Shown(
        _shapes,
        "Classes of events by their flow, and R",
        f"{SURROGATE} Left: classes by q₂ of a random half of the particles, Δγ and v₂ of the other half; the line's"
        " value at v₂ = 0 is what flow does not explain. Right: R opens upward where charges are separated along the field.",
    ),
}
