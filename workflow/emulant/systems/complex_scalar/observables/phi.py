"""Moments of the modulus of the field."""

from emulant.contracts.observable import Observable

NAMES = ("phi_squared", "phi_fourth")

observables = tuple(
    Observable(
        name=name,
        symbol=rf"\langle|\phi|^{power}\rangle",
        description=f"mean of |phi|^{power}, by ratios of the weights of a site",
        primaries=lambda view, number=number: view.moments[number][:, None],
        value=lambda means, shape: means,
        integrated=True,
    )
    for number, (name, power) in enumerate(zip(NAMES, (2, 4), strict=True))
)
