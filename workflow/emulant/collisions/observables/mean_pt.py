"""Mean transverse momentum of each common species."""

from emulant.collisions.acceptance import COMMON, places
from emulant.collisions.declarations import of_events, species_symbol
from emulant.collisions.spectra import mean_pt, pt_sums

observable = of_events(
    "mean_pt",
    r"\langle p_T\rangle(i)",
    "mean transverse momentum of a species, over its particles of all events; its index is the PDG number",
    pt_sums,
    lambda means: mean_pt(means)[..., places(COMMON)],
    COMMON,
    unit="GeV",
    correlated=True,
    member=lambda pdg: rf"\langle p_T\rangle({species_symbol(pdg)})",
)
