"""What the parameters leave of the observation, in units of its noise."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="residuals",
    symbol=r"\chi^2/m",
    description="mean square of y - A theta in units of the noise: 1 for right posteriors",
    primaries=lambda view: (view.residuals**2).mean(1, keepdims=True),
    value=lambda means, shape: means,
    unit="",
)
