"""The contract of a quantity: numbers of each configuration whose distribution is measured and drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

__all__ = ["HasQuantities", "Quantity"]


@dataclass(frozen=True)
class Quantity:
    """Numbers of each configuration, and how their distribution is shown.

    Arguments:
        values: (N, values of a configuration).
        symbol: LaTeX.
        unit: of the values; empty for lattice units and pure numbers.
        bins: of the histogram. The default resolves a double peak of 10^5 sites; a quantity with one value a configuration
            takes fewer.
    """

    values: np.ndarray
    symbol: str
    unit: str = ""
    bins: int = 100

    @property
    def label(self) -> str:
        """The symbol with its unit, for an axis."""
        return f"${self.symbol}$" + (f" [{self.unit}]" if self.unit else "")


@runtime_checkable
class HasQuantities(Protocol):
    """A view of configurations whose distributions are measured.

    Attributes:
        quantities: name in the table of distributions -> quantity.
    """

    @property
    def quantities(self) -> Mapping[str, Quantity]:
        """Quantities by name."""
