"""Mean and standard deviation over events of the mean transverse momentum of an event."""

from emulant.collisions.declarations import mean_and_deviation, of_events
from emulant.collisions.spectra import event_mean_pt, mean_pt_spread

observable = of_events(
    "mean_pt_spread",
    "[p_T]",
    "mean (index 1) and standard deviation (index 2) over events of the mean transverse momentum of an event",
    event_mean_pt,
    mean_pt_spread,
    (1, 2),
    unit="GeV",
    member=mean_and_deviation("[p_T]"),
)
