"""One event of each source in momentum space."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from emulant.collisions.events import Events
from emulant.collisions.species import PDG
from emulant.contracts.source import Source
from emulant.plots.style import PALETTE, label_of, panels, styled

__all__ = ["event_display"]

KINDS = {
    "nucleons": (2212, 2112, -2212, -2112),
    "pions, η": (211, 111, -211, 221),
    "kaons": (321, 311, -321, -311),
}
HYPERONS = "hyperons"
MARKERS = "o^sD"


@styled
def event_display(events: Mapping[Source, Events]) -> Figure:
    """Particles in the transverse plane above, in rapidity and transverse momentum below, a column a source.

    Particles beyond the 26 species are not drawn; those along the beam, such as spectators that do not move in
    their nucleus, lie at p_T = 0.

    Arguments:
        events: source -> one event.
    """
    figure, axes = panels(
        2, len(events), width=max(3.4, 8.0 / len(events)), height=3.1, sharex="row", sharey="row"
    )
    for (above, below), (source, event) in zip(axes.T, events.items(), strict=True):
        px, py = event.momenta[:, 0], event.momenta[:, 1]
        for number, (kind, mask) in enumerate(_kinds(event).items()):
            style = {"marker": MARKERS[number], "ls": "", "ms": 2.2, "mew": 0, "alpha": 0.6}
            style["color"] = PALETTE[number]
            above.plot(px[mask], py[mask], **style)
            below.plot(event.rapidity[mask], event.pt[mask], **style, label=f"{kind} ({mask.sum()})")
        above.set(title=label_of(source), xlabel="$p_x$ [GeV]", aspect="equal")
        below.set(xlabel="$y$")
        # Below the panel, where it hides no particle.
        below.legend(
            fontsize=8,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.22),
            ncols=2,
            markerscale=2,
            handletextpad=0.1,
        )
    reach = 1.05 * max(np.abs(event.momenta[:, :2]).max(initial=0.1) for event in events.values())
    axes[0, 0].set(xlim=(-reach, reach), ylim=(-reach, reach), ylabel="$p_y$ [GeV]")
    axes[1, 0].set_ylabel("$p_T$ [GeV]")
    return figure


def _kinds(event: Events) -> dict[str, np.ndarray]:
    """Name of each group -> mask of its particles."""
    masks = {kind: np.isin(event.pdg, pdg) for kind, pdg in KINDS.items()}
    other = np.isin(event.pdg, PDG) & ~np.any(list(masks.values()), axis=0)
    return masks | {HYPERONS: other}
