"""What schemas cannot say of a user's table of design points: that it can be read, and lies within the prior."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulant.forms.posteriors.design_points import half_of, is_table
from emulant.inference.priors import prior_from

__all__ = ["check"]


def check(settings: Mapping[str, Any]) -> None:
    """Raise InputError for the first fault of the table; a file that there is not is refused elsewhere."""
    reference = settings["reference"]
    if "file" in reference and is_table(reference) and Path(reference["file"]).exists():
        prior = prior_from(settings["system"]["prior"], "system")
        for half in ("training", "reference"):
            half_of(prior, reference, half)
