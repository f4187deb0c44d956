"""Figures of the judgement and of the training: pulls, cumulants along t, curves, likelihood, effective action."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.plots.style import PALETTE, colour_of, figure

__all__ = ["cumulants_along_path", "effective_action", "likelihood", "pulls", "training_curves"]


def pulls(table: pd.DataFrame, verdicts: pd.DataFrame) -> Figure:
    """Pulls of the single-number observables against the reference; the band is the multiple-test limit."""
    own = table[
        (table["against"] == "reference") & ~table["observable"].isin(["correlator", "power_spectrum"])
    ]
    own = own[(own["source"] != "training")]
    labels = own["observable"] + own["index"].map(lambda n: f" {n}" if n else "")
    names = list(dict.fromkeys(labels))
    sources = list(dict.fromkeys(own["source"]))
    made, (axis,) = figure(1, 1, width=8.5, height=0.32 * len(names) + 1.6)
    for number, source in enumerate(sources):
        rows = own["source"] == source
        place = [names.index(label) + 0.08 * (number - len(sources) / 2) for label in labels[rows]]
        marker = "o" if not source.endswith(("_metropolis", "_weighted")) else "^"
        shown = np.clip(own.loc[rows, "pull"], -12, 12)
        axis.plot(shown, place, marker, ms=5, color=PALETTE[number % len(PALETTE)], label=source)
    limit = float(verdicts["limit"].median())
    axis.axvspan(-limit, limit, color="0.9", zorder=0, label="limit for all tests")
    axis.set_xlim(-12.5, 12.5)
    axis.set_yticks(range(len(names)), names, fontsize=9)
    axis.invert_yaxis()
    axis.set_xlabel("pull against the reference (clipped at 12)")
    axis.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return made


def cumulants_along_path(forward: pd.DataFrame, trajectories: dict[str, pd.DataFrame]) -> Figure:
    """kappa_n(t): exact law (line), forward process (open), backward process of the model (filled)."""
    models = [name for name in trajectories if name in set(forward["path"]) and len(trajectories[name])]
    made, axes = figure(max(1, len(models)), 2, width=4.0, height=2.8)
    for column, model in enumerate(models):
        law = forward[forward["path"] == model]
        back = trajectories[model]
        for row, n in enumerate((2, 4)):
            axis = axes[row * len(models) + column]
            mine = law[law["n"] == n].sort_values("t")
            axis.plot(mine["t"], mine["exact"], "-", color="0.3", lw=1.2, label="exact law")
            axis.errorbar(
                mine["t"], mine["value"], mine["error"], fmt="o", mfc="none", color="#000000", label="forward"
            )
            part = back[(back["n"] == n) & (back["t"] <= mine["t"].max())]
            axis.errorbar(
                part["t"], part["value"], part["error"], fmt="o", ms=4, color=PALETTE[1], label="backward"
            )
            axis.set_ylabel(rf"$\kappa_{n}(t)$")
            axis.set_xlabel(r"$t$")
        axes[column].set_title(model, fontsize=10)
    axes[0].legend(fontsize=8)
    return made


def training_curves(curves: dict[str, pd.DataFrame]) -> Figure:
    """Training and validation loss against the number of examples."""
    made, axes = figure(len(curves), 1, width=3.6, height=2.8)
    for axis, (model, curve) in zip(axes, curves.items(), strict=True):
        axis.plot(curve["examples"], curve["loss"], "-", color="0.6", label="training")
        axis.plot(curve["examples"], curve["validation_loss"], "-", color=PALETTE[0], label="validation")
        axis.set_title(model, fontsize=10)
        axis.set_xlabel("examples")
        axis.ticklabel_format(axis="x", style="sci", scilimits=(0, 0))
    axes[0].set_ylabel("loss")
    axes[0].legend(fontsize=8)
    return made


def likelihood(tables: dict[str, pd.DataFrame]) -> Figure:
    """-log q of the models against the action of the same configurations, each with its mean removed."""
    made, (axis,) = figure(1, 1, width=5.0, height=4.0)
    for model, table in tables.items():
        x, y = table["action"] - table["action"].mean(), table["minus_log_q"] - table["minus_log_q"].mean()
        axis.errorbar(x, y, table["error"], fmt=".", color=colour_of(model, list(tables)), label=model)
    ends = np.array(axis.get_xlim())
    axis.plot(ends, ends, "-", color="0.4", lw=1, label="slope 1")
    axis.set_xlabel(r"$S - \langle S\rangle$")
    axis.set_ylabel(r"$-\log q - \langle -\log q\rangle$")
    axis.legend(fontsize=8)
    return made


def effective_action(table: pd.DataFrame) -> Figure:
    """S_DM(phi, t) of the model beside the exact -log p_t, and their difference where p_t > 0.01."""
    made, (top, bottom) = figure(2, 1, width=4.6, height=3.6)
    for number, (t, part) in enumerate(table.groupby("t")):
        colour = PALETTE[number % len(PALETTE)]
        top.plot(part["phi"], part["exact"], "-", color="0.5", lw=2.5)
        top.plot(part["phi"], part["learned"], "--", color=colour, label=f"t = {t:.2g}")
        dense = part[part["density"] > 1e-2]
        bottom.plot(dense["phi"], dense["learned"] - dense["exact"], "-", color=colour)
    top.set_ylim(top.get_ylim()[0], min(top.get_ylim()[1], 12))
    top.set_xlabel(r"$\phi$")
    top.set_ylabel(r"$S_{\rm DM}(\phi, t)$ (grey: exact)")
    top.legend(fontsize=8)
    bottom.axhspan(-0.02, 0.02, color="0.9", zorder=0)
    bottom.set_xlabel(r"$\phi$")
    bottom.set_ylabel(r"learned $-$ exact")
    return made
