"""Networks whose products are in bfloat16, which some processors multiply twice as fast as float32."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["evaluated_in"]


DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def evaluated_in(network: nn.Module, precision: str) -> Callable[..., Tensor]:
    """Evaluate a network with its convolutions and matrix products in a precision; its output is float32 as before.

    Arguments:
        network: with float32 weights.
        precision: "float32", which leaves the network as it is, or "bfloat16", whose numbers have a relative error of 2^-9.
    """
    if precision == "float32":
        return network

    def evaluate(inputs: Tensor, *others: Tensor) -> Tensor:
        with torch.autocast(inputs.device.type, DTYPES[precision]):
            output = network(inputs, *others)
        return output.to(inputs.dtype)

    return evaluate
