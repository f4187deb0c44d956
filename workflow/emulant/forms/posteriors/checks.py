"""What schemas cannot say of a user's table of design points: that it can be read, and lies within the prior."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["check"]


def check(settings: Mapping[str, Any]) -> None:
    """Raise InputError for the first fault of the table; a file that there is not is refused elsewhere."""
    reference = settings["reference"]
    if not Path(reference.get("file", "")).is_file():
        return
    # Plans of other experiments do without the second that these imports take.
    from emulant.forms.posteriors.design_points import half_of, is_table
    from emulant.inference.priors import prior_from

    if is_table(reference):
        prior = prior_from(settings["system"]["prior"], "system")
        for half in ("training", "reference"):
            half_of(prior, reference, half)
