"""Inverse temperatures at which one autoregressive model is trained at once, and hat functions through them."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from emulant.contracts.system import HasConditions, System
from emulant.errors import InputError

__all__ = ["Temperatures"]

CONDITION = "beta"


class Temperatures:
    """Values of beta of a training, and the weights of each at a value between them.

    Arguments:
        settings: the model block; its `conditions` may have beta.
        beta: of the system, the one value where the block has none.
    """

    def __init__(self, settings: Mapping[str, object], beta: float) -> None:
        conditions: Mapping[str, Sequence[float]] = settings.get("conditions", {})
        self.values = sorted(set(conditions.get(CONDITION, [beta])))

    def __len__(self) -> int:
        return len(self.values)

    def systems(self, system: System) -> list[System]:
        """The system at each value.

        Raises:
            InputError: where it cannot be had at other temperatures.
        """
        if self.values == [system.parameters[CONDITION]]:
            return [system]
        if not isinstance(system, HasConditions):
            raise InputError(f"system {system.kind}", "conditions", "a system that has them", "one without")
        return [system.at({CONDITION: value}) for value in self.values]

    def hats(self, beta: float) -> Tensor:
        """Weights of the values in a linear interpolation to beta, (values,).

        Raises:
            InputError: outside of the values of the training.
        """
        nodes, x = torch.tensor(self.values, dtype=torch.float64), float(beta)
        if not self.values[0] <= x <= self.values[-1]:
            expected = (
                f"a value from {self.values[0]:g} to {self.values[-1]:g}, between which the model was trained"
            )
            raise InputError("autoregressive model", CONDITION, expected, x)
        above = min(int(torch.searchsorted(nodes, x, right=True)), len(nodes) - 1)
        weights = torch.zeros(len(nodes), dtype=torch.float64)
        if len(nodes) > 1:
            part = (x - nodes[above - 1]) / (nodes[above] - nodes[above - 1])
            weights[above - 1], weights[above] = 1 - part, part
        else:
            weights[0] = 1.0
        return weights
