"""The helicity modulus, which jumps from 2T/pi to 0 at the Kosterlitz-Thouless transition."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="helicity_modulus",
    symbol=r"\Upsilon",
    description="stiffness against a twist, (<sum cos> - beta <(sum sin)^2>) / V over bonds along an axis, mean of both",
    primaries=lambda view: view.stiffness[:, None],
    value=lambda means, shape: means,
    integrated=True,
)
