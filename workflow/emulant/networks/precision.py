"""Networks whose products are in bfloat16, which some processors multiply twice as fast as float32."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["evaluated_in"]


DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def evaluated_in(network: nn.Module, precision: str) -> Callable[..., Any]:
    """Evaluate a network with its convolutions and matrix products in a precision; its outputs are float32 as before.

    Arguments:
        network: with float32 weights.
        precision: "float32", which leaves the network as it is, or "bfloat16", whose numbers have a relative error of 2^-9.
    """
    if precision == "float32":
        return network

    def evaluate(inputs: Tensor, *others: Tensor) -> Any:
        with torch.autocast(inputs.device.type, DTYPES[precision]):
            outputs = network(inputs, *others)
        if isinstance(outputs, Tensor):
            return outputs.to(inputs.dtype)
        return tuple(output.to(inputs.dtype) for output in outputs)

    return evaluate
