"""What every model family shares: a network beside a few tensors, and how both become one file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from emulant.contracts.family import Examples
from emulant.errors import InputError

__all__ = ["ModelFamily", "tensors_of"]


class ModelFamily(nn.Module):
    """A model with a `network`; `load` of a family is the inverse of `tensors`."""

    network: nn.Module

    def examples(self, data: Any, seed: int) -> Examples:
        """The training samples themselves."""
        return Examples(data)

    def parts(self) -> dict[str, Tensor]:
        """What the file holds beside the weights of the network."""
        return {}

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `load` needs, for safetensors."""
        everything = self.network.state_dict() | self.parts()
        return {name: tensor.detach().cpu().contiguous() for name, tensor in everything.items()}

    def finished(
        self, weights: dict[str, Tensor], examples: Examples, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Everything that `load` needs, once the network has its trained weights."""
        self.network.load_state_dict(weights)
        self.calibrate(examples, generator)
        return self.tensors()

    def calibrate(self, examples: Examples, generator: torch.Generator) -> None:
        """Measure on the examples what the weights leave open: nothing, where a family has none."""

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


@contextmanager
def tensors_of(weights: Path) -> Iterator[dict[str, Tensor]]:
    """Read the tensors of a file, from which the block takes what it uses.

    Raises:
        InputError: where the block asks for one that the file does not have.
    """
    tensors = load_file(weights)
    try:
        yield tensors
    except KeyError as missing:
        raise InputError(weights, missing.args[0], "a tensor of this name") from None
