"""Means of powers of the position."""

from emulant.contracts.observable import Observable

__all__ = ["observables"]


def _mean_of(power: int, name: str, symbol: str) -> Observable:
    return Observable(
        name=name,
        symbol=symbol,
        description=f"mean of x^{power} over the path",
        primaries=lambda paths: paths.power(power)[:, None],
        value=lambda means, shape: means,
        unit="natural units",
        integrated=power > 1,
    )


observables = (
    _mean_of(1, "position", r"\langle x \rangle"),
    _mean_of(2, "position_squared", r"\langle x^2 \rangle"),
    _mean_of(4, "position_fourth", r"\langle x^4 \rangle"),
)
