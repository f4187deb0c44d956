"""What systems share whose pairs are observables and the parameters behind them, drawn from a prior."""

from collections.abc import Mapping
from typing import Any

from emulant.inference.priors import prior_from
from emulant.storage.pairs import Pairs

__all__ = ["OfPrior"]


class OfPrior:
    """A system of which the prior alone is known exactly.

    Arguments:
        settings: the `system` block.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.parameters = {name: value for name, value in settings.items() if name != "kind"}
        self.prior = prior_from(settings["prior"], "system")
        self.site_shape: tuple[int, ...] = (len(self.prior.names),)

    def view(self, pairs: Pairs) -> Pairs:
        """Show pairs to observables as they are."""
        return pairs

    def exact_values(self) -> list[dict[str, Any]]:
        """Moments of the prior."""
        return self.prior.exact_values()
