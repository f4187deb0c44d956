"""The two-point function along the axes."""

from emulant.contracts.observable import Observable
from emulant.scalar.fields import axis_correlations

observable = Observable(
    name="correlator",
    symbol=r"G(r)",
    description="on-axis mean of cos(theta(x) - theta(x + r)), r > 0; index r",
    primaries=lambda view: view.power @ axis_correlations(view.shape)[:, 1:],
    value=lambda means, shape: means,
    indices=lambda shape: tuple(range(1, axis_correlations(shape).shape[1])),
    unit="1",
    correlated=True,
)
