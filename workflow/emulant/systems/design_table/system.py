"""Pairs of observables and parameters of which nothing is known but the prior."""

from collections.abc import Mapping
from typing import Any

from emulant.inference.of_prior import OfPrior
from emulant.inference.priors import prior_from

__all__ = ["DesignPoints", "from_settings"]


class DesignPoints(OfPrior):
    """Pairs of as many observables as the table has, and parameters (d,).

    Arguments:
        settings: the `system` block.
    """

    kind = "design_table"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.parameters = {name: value for name, value in settings.items() if name != "kind"}
        self.prior = prior_from(settings["prior"], "system")
        self.site_shape = (len(self.prior.names),)


def from_settings(settings: Mapping[str, Any]) -> DesignPoints:
    """Build the system of a `system` block."""
    return DesignPoints(settings)
