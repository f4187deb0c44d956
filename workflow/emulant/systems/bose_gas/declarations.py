"""Observables of the Bose gas: real and imaginary parts of the averages of every walker."""

from emulant.contracts.observable import Observable

__all__ = ["part_of"]


def part_of(quantity: str, part: str, symbol: str, description: str) -> Observable:
    """Declare the real or imaginary part of a quantity; the index counts chemical potentials."""
    return Observable(
        name=quantity if part == "real" else f"{quantity}_imag",
        symbol=symbol if part == "real" else rf"\Im\,{symbol}",
        description=f"{part} part of {description}; index k, the number of the chemical potential",
        primaries=lambda averages: averages.columns(quantity, ("real", "imaginary").index(part)),
        value=lambda means, shape: means,
        indices=lambda shape: tuple(range(1, shape[0] + 1)),
    )
