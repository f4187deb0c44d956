r"""A learned gauge-equivariant flow: free plaquettes in closed form, then couplings of pairs of plaquettes.

After the circular-spline flows of arXiv:2003.06413 and arXiv:2002.02428, from a start near the law: what the couplings have
to learn is how an action ties plaquettes together. The coupling b of the start is learned with them: it decides P(Q), which
couplings near the identity leave as it is. Training is by reverse KL on the action alone, for one or for many of its
couplings.
"""

import copy
import math
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.system import HasConditions, System
from emulant.errors import InputError
from emulant.families._family import tensors_of
from emulant.families._haar import drawn_angles, free_coupling, with_response
from emulant.families._link_flow import LinkFlow, Stack
from emulant.families._plaquette_map import PlaquetteMap
from emulant.families.augmented_spread import AugmentedSpread
from emulant.families.gauge_flow.coupling import Coupling
from emulant.families.ridge_flow.conditions import Conditions
from emulant.families.smooth_spread import SmoothSpread

__all__ = ["Model"]

STARTS = {"smooth_spread": SmoothSpread, "augmented_spread": AugmentedSpread}
"""Closed-form maps of uniform angles by name: of the second, one more angle is drawn and integrated out."""
DIFFERENCE = 1e-4
"""Step in ln b of the central difference of the start's ln q, as of `_plaquette_flow`."""


class Flow(Stack):
    """Couplings, and the start's ln b beyond that of free plaquettes.

    Arguments:
        couplings: as of `Stack`.
        conditions: polynomials of the action's couplings on which ln b depends.
    """

    def __init__(self, couplings: list[nn.Module], conditions: int) -> None:
        super().__init__(couplings)
        self.log_ratio = nn.Parameter(torch.zeros(conditions))


class Model(LinkFlow):
    """Samples of the flow with their log q.

    Arguments:
        settings: the model block.
        shape: of one configuration, (2, L_t, L_s).
        coupling: b of free plaquettes before any training.
        condition: polynomials of the action's couplings.
        system: whose action is learned; only a training needs it.
    """

    network: Flow

    def __init__(
        self,
        settings: dict[str, Any],
        shape: tuple[int, ...],
        coupling: float,
        condition: Tensor,
        system: System | None = None,
    ) -> None:
        numbers = (settings["knots"], settings["width"], len(condition))
        couplings = [Coupling(layer, shape[1:], *numbers) for layer in range(settings["layers"])]
        super().__init__(settings, shape, Flow(couplings, len(condition)), condition, system)
        self.conditions = Conditions(settings.get("conditions", {}))
        self.coupling = coupling
        self.latest: dict[float, PlaquetteMap] = {}

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model, the start itself.

        Raises:
            InputError: for a system without plaquettes, whose coupling is not positive, whose sides are no multiples of 4,
                or that has no other couplings where these are asked for.
        """
        coupling = free_coupling(system, settings["family"])
        conditions = Conditions(settings.get("conditions", {}))
        if conditions.values and not isinstance(system, HasConditions):
            raise InputError(f"system {system.kind}", "conditions", "a system that has them", "one without")
        condition = conditions.polynomials(system.parameters)
        return cls(settings, system.site_shape, coupling, condition, system)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            coupling, condition = float(tensors.pop("coupling")), tensors.pop("condition")
            model = cls(record["settings"], tuple(record["site_shape"]), coupling, condition)
            return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The coupling of free plaquettes, and the numbers that tell the couplings of the action."""
        return super().parts() | {"coupling": torch.tensor(self.coupling, dtype=torch.float64)}

    def at(self, system: System) -> Self:
        """The same flow at other couplings of the action."""
        other = copy.copy(self)
        other.system, other.latest = system, {}
        other.coupling = free_coupling(system, self.settings["family"])
        other.condition = (self.conditions.polynomials(system.parameters),)
        return other

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean loss at all conditions of the training, each on an equal part of the batch."""
        points = self.conditions.combinations() if self.conditions.values else []
        models = [self.at(self.system.at(point)) for point in points] or [self]
        part = batch[: max(1, len(batch) // len(models))]
        return torch.stack([model._loss_here(part, generator) for model in models]).mean()

    def _loss_here(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The loss at this condition; its gradient by ln b of the start is a covariance."""
        begun, links, log_q = self.moved(*drawn_angles(len(batch), self.site_shape, generator))
        angles, coupling = begun.cpu().numpy(), self._start_coupling()
        above, below = (
            self._map_at(coupling * math.exp(h)).log_density(angles) for h in (DIFFERENCE, -DIFFERENCE)
        )
        response = torch.from_numpy((above - below) / (2 * DIFFERENCE)).to(begun)
        return with_response(log_q + self.system.action(links), response, self._log_ratio())

    def started(self, uniform: Tensor) -> tuple[Tensor, Tensor]:
        """Map uniform angles by the start."""
        return self._mapped(uniform, self._start_coupling())

    def start_density(self, plaquettes: Tensor) -> Tensor:
        """Compute ln q of the start."""
        log_q = self._map_at(self._start_coupling()).log_density(plaquettes.cpu().numpy())
        return torch.from_numpy(log_q).to(plaquettes.device)

    def _log_ratio(self) -> Tensor:
        """Ln b of the start beyond that of free plaquettes, at this condition."""
        log_ratio = self.network.log_ratio.double()
        return log_ratio @ self.condition[0].to(log_ratio)

    def _start_coupling(self) -> float:
        """Return b of the start."""
        return self.coupling * math.exp(float(self._log_ratio().detach()))

    def _mapped(self, uniform: Tensor, coupling: float) -> tuple[Tensor, Tensor]:
        """Map uniform angles by the start at a coupling."""
        plaquettes, log_q = self._map_at(coupling).mapped(uniform.numpy())
        return torch.from_numpy(plaquettes), torch.from_numpy(log_q)

    def _map_at(self, coupling: float) -> PlaquetteMap:
        """Return the map of a coupling, the last of which is made once."""
        if coupling not in self.latest:
            self.latest = {coupling: STARTS[self.settings["start"]](coupling)}
        return self.latest[coupling]
