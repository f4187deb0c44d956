"""Figure of docs/samplers.md: effective part along the line with its fit, and autocorrelation of chains beside it.

python benchmarks/line_figure.py                # reads docs/line.csv (benchmarks/line.py), writes docs/line.svg
"""

from pathlib import Path

import numpy as np
import pandas as pd

from emulant.plots.format import value_with_error
from emulant.plots.style import COLOURS, INK, QUIET, panels, save, styled

DOCS = Path(__file__).parent.parent / "docs"
CHAINS = {
    "tau_hmc": ("Hybrid Monte Carlo", "^", QUIET),
    "tau_clusters": ("with a cluster each", "D", INK),
    "tau_flow": ("flow, Metropolis", "o", COLOURS["blue"]),
}
"""Columns of the table: label, marker and colour."""


def main():
    """Draw the table, and print both fits."""
    table = pd.read_csv(DOCS / "line.csv")
    save(drawn(table), DOCS / "line.svg")


@styled
def drawn(table):
    """Effective part against L with -ln(ESS) = c V^p on the left, tau_int of |M| on the right."""
    figure, axes = panels(1, 2, width=4.7, height=3.3)
    left, right = axes[0]
    sides = np.geomspace(table["L"].min(), table["L"].max(), 100)
    power, offset, words = fitted(table["L"] ** 2, -np.log(table["effective"]))
    print("-ln(ESS) = c V^p: p", words, f"c {np.exp(offset):.2g}")
    left.plot(sides, np.exp(-np.exp(offset) * sides ** (2 * power)), color=COLOURS["blue"], lw=1)
    for name, face in (("effective", COLOURS["blue"]), ("forward", "none")):
        style = {"ls": "none", "marker": "o", "color": COLOURS["blue"], "mfc": face}
        label = "of its samples" if name == "effective" else "forward"
        left.errorbar(table["L"], table[name], table[f"{name}_error"], **style, label=label)
    left.set(
        xlabel="L",
        ylabel="effective part",
        ylim=(0, 1.05),
        title=rf"line: $-\ln\,$ESS $\propto V^{{{words}}}$",
    )
    for name, (label, marker, colour) in CHAINS.items():
        style = {"ls": "none", "marker": marker, "color": colour}
        right.errorbar(table["L"], table[name], table[f"{name}_error"], **style, label=label)
        if name == "tau_hmc":
            told = table.dropna(subset=[name])
            z, constant, words = fitted(told["L"], told[name])
            print("tau_int of HMC ~ L^z: z", words)
            right.plot(sides, np.exp(constant) * sides**z, color=colour, lw=1)
            right.set_title(rf"line: $\tau \propto L^{{{words}}}$")
    right.set(xlabel="L", ylabel="τ of |M|, updates", xscale="log", yscale="log")
    right.set_xticks(table["L"].unique(), [str(side) for side in table["L"].unique()])
    right.minorticks_off()
    left.legend()
    right.legend(fontsize=8)
    return figure


def fitted(x, y):
    """Power and offset of ln y against ln x by least squares; the power in words with its error, by the scatter."""
    (power, offset), covariance = np.polyfit(np.log(x), np.log(y), 1, cov=True)
    return power, offset, value_with_error(power, np.sqrt(covariance[0, 0]))


if __name__ == "__main__":
    main()
