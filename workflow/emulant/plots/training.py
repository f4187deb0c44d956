"""Training and validation loss."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from emulant.contracts.source import Source
from emulant.plots.style import QUIET, look_of, panels, styled

__all__ = ["training_curves"]


@styled
def training_curves(curves: Mapping[Source, pd.DataFrame], models: Sequence[str]) -> Figure:
    """Loss of the running weights and, on held-out configurations, of the averaged ones, per model.

    Arguments:
        curves: source -> columns examples, loss, validation_loss (empty where nothing was held out).
        models: all models of the experiment.
    """
    figure, axes = panels(1, len(curves), width=max(9.4 / max(len(curves), 2), 2.6), height=2.7)
    for axis, (source, curve) in zip(axes[0], curves.items(), strict=True):
        look = look_of(source, models)
        axis.plot(curve["examples"], curve["loss"], "-", color=QUIET, lw=1, label="training")
        marker = look.marker if len(curve) < 40 else ""
        axis.set_xlim(0, 1.04 * curve["examples"].max())
        if curve["validation_loss"].notna().any():
            axis.plot(
                curve["examples"],
                curve["validation_loss"],
                f"{marker}-",
                color=look.colour,
                label="validation",
            )
        axis.set_title(look.label)
        axis.set_xlabel("training examples")
        axis.xaxis.set_major_formatter(EngFormatter(sep=""))
        axis.xaxis.set_major_locator(MaxNLocator(4))
        axis.legend(fontsize=9)
    axes[0, 0].set_ylabel("loss  [dimensionless]")
    return figure
