"""The plaquette."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="plaquette",
    symbol=r"\langle\mathrm{cos}\,\theta_p\rangle",
    description="mean over plaquettes of the cosine of the plaquette's angle",
    primaries=lambda view: view.wilson_loop(1, 1)[:, None],
    value=lambda means, shape: means,
    integrated=True,
)
