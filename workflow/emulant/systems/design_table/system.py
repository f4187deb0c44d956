"""Pairs of observables and parameters of which nothing is known but the prior."""

from collections.abc import Mapping
from typing import Any

from emulant.inference.of_prior import OfPrior

__all__ = ["DesignPoints", "from_settings"]


class DesignPoints(OfPrior):
    """Pairs of as many observables as the table has, and parameters (d,).

    Arguments:
        settings: the `system` block.
    """

    kind = "design_table"


def from_settings(settings: Mapping[str, Any]) -> DesignPoints:
    """Build the system of a `system` block."""
    return DesignPoints(settings)
