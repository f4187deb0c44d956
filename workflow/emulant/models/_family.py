"""What every model family shares: a network beside a few tensors, and how both become one file."""

from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from emulant.errors import InputError

__all__ = ["ModelFamily"]


class ModelFamily(nn.Module):
    """A model with a `network`; `load` of a family is the inverse of `tensors`.

    Attributes:
        on_lattice: whether reflections and exchanges of the axes of a configuration leave its law alone.
        holds_out: whether what is held out of training tells anything: not where the target is made of all of it.
    """

    network: nn.Module
    on_lattice, holds_out = True, True

    def parts(self) -> dict[str, Tensor]:
        """What the file holds beside the weights of the network."""
        return {}

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `load` needs, for safetensors."""
        everything = self.network.state_dict() | self.parts()
        return {name: tensor.detach().cpu().contiguous() for name, tensor in everything.items()}

    def finished(
        self, network_state: dict[str, Tensor], fields: Tensor, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Everything that `load` needs, once the network has its trained weights."""
        self.network = getattr(self.network, "module", self.network)
        self.network.load_state_dict(network_state)
        self.calibrate(fields, generator)
        return self.tensors()

    def calibrate(self, fields: Tensor, generator: torch.Generator) -> None:
        """Measure on training fields (N, *site_shape) what the weights leave open: nothing, where a family has none."""

    def take(self, tensors: dict[str, Tensor], weights: Path) -> Self:
        """With the weights of the network from what is left of a file's tensors, ready to generate.

        Raises:
            InputError: where they are not those of the network.
        """
        if different := set(self.network.state_dict()) ^ set(tensors):
            raise InputError(weights, min(different), "the tensors of the network that model.json describes")
        self.network.load_state_dict(tensors)
        return self.eval()

    def place(self, device: torch.device | str) -> Self:
        """Move everything to `device`."""
        return self.to(device)
