"""The start of paths out of what a model's file holds of it."""

from torch import Tensor

from emulant.transport.domain_start import DomainStart
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.two_phases import TwoPhaseStart

__all__ = ["start_of"]


def start_of(tensors: dict[str, Tensor]) -> GaussianStart:
    """Take the parts of a start out of the tensors of a file: one Gaussian, two where they have a mean, or domains."""
    inverse_power = tensors.pop("inverse_power")
    if "mean" not in tensors:
        return GaussianStart(inverse_power)
    of_both = DomainStart if tensors.pop("domains", None) is not None else TwoPhaseStart
    return of_both(inverse_power, tensors.pop("mean"))
