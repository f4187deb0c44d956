"""Mean multiplicities of rare species: antibaryons, and hyperons with two or three strange quarks."""

from emulant.collisions.acceptance import RARE, places
from emulant.collisions.counts import species_counts
from emulant.collisions.declarations import of_events, species_symbol

observables = (
    of_events(
        "rare_mean",
        r"\langle N_{\mathrm{rare}}\rangle",
        "mean number of particles of an event that are of none of the common species",
        lambda events: species_counts(events)[:, places(RARE)].sum(axis=1, keepdims=True),
        lambda means: means,
    ),
    of_events(
        "rare_species_mean",
        r"\langle N_{\mathrm{rare}}\rangle(i)",
        "mean number of particles of each rare species; its index is the PDG number; too few for a normal error",
        lambda events: species_counts(events)[:, places(RARE)],
        lambda means: means,
        RARE,
        judged=False,
        member=lambda pdg: rf"\langle N\rangle({species_symbol(pdg)})",
    ),
)
