"""A batch of events whose steps are operations on tensors, the formulas those of the compiled loops."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from emulant.hydro.fluxes import densities, face_flux
from emulant.hydro.matter import ORDERS, Matter
from emulant.hydro.primitives import capped, recovered
from emulant.hydro.reconstruction import rise, slope
from emulant.hydro.sources import sources
from emulant.hydro.state import GHOSTS, State
from emulant.hydro.table import Table, pressure_and_speed
from emulant.hydro.time_derivative import flow_change, flow_change_after

__all__ = ["TorchFluid"]

SINGLE = {"floor": 1e-6, "tolerance": 1e-5}
"""Limits in single precision, whose speeds are good to 10^-6 and energies to 10^-7 of the largest one."""
LAST = {"x": -2, "y": -1}
"""Axes of a tensor (N, components, x, y)."""


@dataclass(frozen=True)
class TorchFluid:
    """Steps on tensors.

    Attributes:
        matter: properties of the fluid, one eta / s.
        spacing: of the grid, fm.
        device: of torch.
        dtype: float64, or float32 with a higher floor of the energy density.
    """

    matter: Matter
    spacing: float
    device: str = "cpu"
    dtype: torch.dtype = torch.float64

    def __post_init__(self) -> None:
        table = self.matter.table
        columns = (self._tensor(column) for column in (table.pressure, table.temperature, table.speed))
        matter = self.matter._replace(table=Table(*columns, float(table.step)))
        if self.dtype == torch.float32:
            matter = matter._replace(limits=matter.limits._replace(**SINGLE))
        object.__setattr__(self, "matter", matter)

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.as_tensor(values, dtype=self.dtype, device=self.device)

    @property
    def hot(self) -> float:
        """Energy density above which cells count, GeV / fm^3."""
        return self.matter.hot

    def start(self, fields: np.ndarray, history: np.ndarray, time: float) -> State:
        """Copy padded arrays to the device."""
        tensor = self._tensor(fields).clone()
        tensor[:, 0].clamp_(min=self.matter.limits.floor)
        return State(tensor, self._tensor(history).clone(), time, tensor.new_zeros(len(tensor)))

    def advance(self, state: State, step: float) -> State:
        """Return the state a step later."""
        fields, history, before, after = state.fields, state.history, state.time, state.time + step
        past = history.unbind(1)
        rate = self._rates(fields, flow_change(fields[:, 1:3], past), before, step)
        guess = torch.cat([fields[:, :1], 2 * fields[:, 1:3] - past[0]], dim=1)
        middle, _ = self._updated(fields, guess, step * rate, before, after)
        rate = (rate + self._rates(middle, flow_change_after(fields[:, 1:3], past), after, step)) / 2
        final, excess = self._updated(fields, middle, step * rate, before, after)
        hot = final[:, 0] > self.hot
        hot = hot[:, GHOSTS:-GHOSTS, GHOSTS:-GHOSTS]
        fraction = (excess & hot).sum((1, 2)) / hot.sum((1, 2)).clamp(min=1)
        history = torch.stack([fields[:, 1:3], past[0]], dim=1)
        return replace(state, fields=final, history=history, time=after, capped=fraction)

    def array(self, values: Tensor) -> np.ndarray:
        """Copy values of a state to numpy."""
        return values.detach().cpu().double().numpy()

    def _rates(self, fields: Tensor, change: Tensor, tau: float, step: float) -> Tensor:
        """Compute the rates of change of the conserved quantities of the inner cells."""
        inner, matter = _inner(fields), self.matter
        gradients = (
            *(_inner(change) / step).unbind(1),
            *(_slope(fields[:, 1:3], "x") / self.spacing).unbind(1),
            *(_slope(fields[:, 1:3], "y") / self.spacing).unbind(1),
        )
        work, *shear = sources(
            inner.unbind(1), gradients, matter.table, matter.viscosity, tau, matter.coupling
        )
        still = torch.zeros_like(work)
        rate = torch.stack([work, still, still, *shear], dim=1)
        for axis, order in zip("xy", ORDERS[fields.shape[1]], strict=True):
            rate = rate - tau / self.spacing * self._differences(fields, axis, order)
        return rate

    def _differences(self, fields: Tensor, axis: str, order: tuple[int, ...]) -> Tensor:
        """Compute the differences of the fluxes through the two faces of each cell along an axis."""
        left, right = _faces(fields[:, order], axis)
        left[:, 0].clamp_(min=0)
        right[:, 0].clamp_(min=0)
        flux = torch.stack(face_flux(left.unbind(1), right.unbind(1), self.matter.table), dim=1)
        # The permutation of an order is its own inverse.
        return flux.diff(dim=LAST[axis])[:, order]

    def _updated(
        self, start: Tensor, guess: Tensor, change: Tensor, before: float, after: float
    ) -> tuple[Tensor, Tensor]:
        """Compute the fields at `after` from a change of the conserved quantities, and where shear was capped."""
        cell, table = _inner(start).unbind(1), self.matter.table
        density = densities(cell, pressure_and_speed(table, cell[0])[0])
        conserved = (before * torch.stack(density, dim=1) + change) / after
        values = recovered(conserved.unbind(1), _inner(guess).unbind(1), table, self.matter.limits)
        values, excess = capped(values, table, self.matter.limits)
        fields = torch.stack(values, dim=1)
        return torch.nn.functional.pad(fields, (GHOSTS,) * 4, mode="replicate"), excess


def _inner(fields: Tensor) -> Tensor:
    """Return the cells that are no ghosts."""
    return fields[..., GHOSTS:-GHOSTS, GHOSTS:-GHOSTS]


def _shifted(fields: Tensor, axis: str, shift: int, extra: int) -> Tensor:
    """Return the inner cells and `extra` more on both sides along an axis, shifted by some cells."""
    other = LAST["y" if axis == "x" else "x"]
    size = fields.shape[other]
    first, count = GHOSTS - extra + shift, size - 2 * GHOSTS + 2 * extra
    return fields.narrow(other, GHOSTS, size - 2 * GHOSTS).narrow(LAST[axis], first, count)


def _slope(fields: Tensor, axis: str) -> Tensor:
    """Compute the difference of each inner cell to the next one."""
    return slope(*(_shifted(fields, axis, shift, 0) for shift in (-2, -1, 1, 2)))


def _faces(fields: Tensor, axis: str) -> tuple[Tensor, Tensor]:
    """Return the values on the left and on the right of each face of the inner cells along an axis."""
    cells = [_shifted(fields, axis, shift, 1) for shift in (-2, -1, 0, 1, 2)]
    up, down = cells[2] + rise(*cells), cells[2] + rise(*cells[::-1])
    faces = up.shape[LAST[axis]] - 1
    return up.narrow(LAST[axis], 0, faces), down.narrow(LAST[axis], 1, faces)
