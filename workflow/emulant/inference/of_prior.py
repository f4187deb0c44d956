"""What systems share whose pairs are observables and the parameters behind them, drawn from a prior."""

from typing import Any

from emulant.inference.priors import Prior
from emulant.storage.pairs import Pairs

__all__ = ["OfPrior"]


class OfPrior:
    """A system of which the prior alone is known exactly.

    Attributes:
        prior: of the parameters.
    """

    prior: Prior

    def view(self, pairs: Pairs) -> Pairs:
        """Show pairs to observables as they are."""
        return pairs

    def exact_values(self) -> list[dict[str, Any]]:
        """Moments of the prior."""
        return self.prior.exact_values()
