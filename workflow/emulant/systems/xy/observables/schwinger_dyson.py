"""The Schwinger-Dyson identity of the angles, which every sample must obey."""

from emulant.contracts.observable import Observable
from emulant.spins.angles import schwinger_dyson

observable = Observable(
    name="schwinger_dyson",
    symbol=r"\langle(\partial S)^2-\partial^2 S\rangle/4\beta V",
    description="violation of <(dS/dtheta)^2> = <d^2S/dtheta^2>, a mean over sites in units of 4 beta; 0 for any beta",
    primaries=lambda view: schwinger_dyson(view.angles, view.system.beta)[:, None],
    value=lambda means, shape: means,
    unit="1",
    integrated=True,
)
