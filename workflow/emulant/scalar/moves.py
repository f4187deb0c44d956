"""Markov moves along the path of actions that a start begins."""

from typing import Any, NamedTuple

from emulant.contracts.system import HasAnnealing
from emulant.transport.annealing import Moves
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.hybrid import HybridMoves
from emulant.transport.two_phases import TwoPhaseStart

__all__ = ["Kernel", "hybrid_kernel", "kernel_of"]


class Kernel(NamedTuple):
    """Markov moves and their cost.

    Attributes:
        moves: fields, t and seed -> moved fields.
        operations: floating-point operations of one move of one configuration, roughly.
    """

    moves: Moves
    operations: float


def kernel_of(system: Any, start: GaussianStart) -> Kernel:
    """Choose the system's own moves where it has some for this start, and Hybrid Monte Carlo of any action elsewhere."""
    if isinstance(system, HasAnnealing) and not isinstance(start, TwoPhaseStart):
        return Kernel(system.moved, system.operations_per_move)
    return hybrid_kernel(system, start)


def hybrid_kernel(system: Any, start: GaussianStart) -> Kernel:
    """Hybrid Monte Carlo of any action."""
    moves = HybridMoves(start, system.action, system.gradient)
    return Kernel(moves, moves.operations)
