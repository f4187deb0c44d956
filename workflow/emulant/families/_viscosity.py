"""The condition, eta/s or the entropy that it makes, as polynomials, cubic where training has four values or more."""

import torch
from torch import Tensor

__all__ = ["Viscosity"]

ORDERS = 3
"""Through four values: between 0 and 0.2 the spectrum is off by 0.06 %, v_4(p_T) by 0.3 %; by a parabola, 0.2 and 6 %."""


class Viscosity:
    """Polynomials of u = (value - middle) / half range.

    Arguments:
        middle, half: of the trained values; half is infinite where there is one value alone.
        orders: of the polynomial.
    """

    def __init__(self, middle: float, half: float, orders: int) -> None:
        self.middle, self.half, self.orders = middle, half, orders

    @classmethod
    def fitted(cls, values: Tensor) -> "Viscosity":
        """Take range and number of values from those of training."""
        distinct = torch.unique(values.double())
        low, high = float(distinct[0]), float(distinct[-1])
        half = 0.5 * (high - low) if len(distinct) > 1 else float("inf")
        return cls(0.5 * (low + high), half, min(ORDERS, len(distinct) - 1))

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> "Viscosity":
        """Take what `tensors` returned out of the tensors of a file."""
        middle, half, orders = tensors.pop("viscosity").tolist()
        return cls(middle, half, int(orders))

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `from_tensors` needs."""
        return {"viscosity": torch.tensor([self.middle, self.half, self.orders], dtype=torch.float64)}

    def to(self, device: torch.device | str) -> "Viscosity":
        """The same on another device: there are no tensors."""
        return self

    def __call__(self, values: Tensor) -> Tensor:
        """Return 1, u, u^2, as many as there are orders, (N, orders + 1) float64."""
        u = (values.double() - self.middle) / self.half
        return torch.stack([u**k for k in range(self.orders + 1)], dim=1)
