"""The weights that a training begins with: random ones of the network, or those of a model that is trained."""

from pathlib import Path

from safetensors.torch import load_file
from torch import nn

from emulant.errors import InputError

__all__ = ["start_network"]


def start_network(network: nn.Module, weights: Path) -> None:
    """Give a network the weights of a trained one of the same shapes; what else the file holds is left.

    Raises:
        InputError: where a tensor is missing or has another shape.
    """
    tensors = load_file(weights)
    for name, value in network.state_dict().items():
        shape = tuple(tensors[name].shape) if name in tensors else "none"
        if shape != tuple(value.shape):
            raise InputError(weights, name, f"a tensor of shape {tuple(value.shape)}", f"{shape}")
    network.load_state_dict({name: tensors[name] for name in network.state_dict()})
