"""Independence Metropolis: a Markov chain over proposals whose weights are known, exact in the limit of many."""

from typing import NamedTuple

import numpy as np

__all__ = ["IndependenceChain", "independence_metropolis"]


class IndependenceChain(NamedTuple):
    """The chain, and how often it moved.

    Attributes:
        index: number of the proposal that the chain holds after each of them, (N,); it never falls.
        acceptance: part of the proposals after the first that were accepted, NaN where there is one proposal.
    """

    index: np.ndarray
    acceptance: float


def independence_metropolis(log_weight: np.ndarray, generator: np.random.Generator) -> IndependenceChain:
    r"""Accept or reject proposals in their order, from the first on.

    Proposals x are independent draws from q. With w = p/q the chain moves from x to x' with probability
    min(1, w(x')/w(x)), which obeys detailed balance, p(x) q(x') min(1, w(x')/w(x)) = min(p(x) q(x'), p(x') q(x))
    (L. Tierney, Ann. Statist. 22 (1994) 1701; M. Albergo et al., arXiv:1904.12072).

    Arguments:
        log_weight: ln w of each proposal up to a constant, (N,); -inf where p vanishes.
        generator: of the coins.
    """
    thresholds = np.log1p(-generator.random(len(log_weight)))
    index = np.zeros(len(log_weight), dtype=np.int64)
    current, accepted = 0, 0
    for proposal in range(1, len(log_weight)):
        # Written so that -inf is left at once and never entered.
        if log_weight[proposal] >= log_weight[current] + thresholds[proposal]:
            current, accepted = proposal, accepted + 1
        index[proposal] = current
    return IndependenceChain(index, accepted / (len(index) - 1) if len(index) > 1 else float("nan"))
