"""Mean number of particles of an event."""

from emulant.collisions.declarations import of_events

observable = of_events(
    "multiplicity",
    r"\langle N\rangle",
    "mean number of particles of an event, spectators included",
    lambda events: events.sums()[:, None],
    lambda means: means,
    integrated=True,
)
