"""Pairs of an observation (input) and its parameters (output); a model draws from the posterior of each observation.

A model's file has the observations one after another and again from the first, a draw of the parameters with each.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from emulant.contracts.system import System
from emulant.forms.pairs import PairsForm
from emulant.forms.posteriors.design_points import import_table, is_table

__all__ = ["form"]


class PosteriorsForm(PairsForm):
    """Files as of pairs; models are judged by the calibration of their draws."""

    name: ClassVar[str] = "posteriors"

    def import_file(
        self, system: System, path: Path, *, settings: Mapping[str, Any], seed: int, half: str
    ) -> dict[str, Any]:
        """Write the pairs of a half of a user's file, or of a user's table of design points."""
        if is_table(settings):
            return import_table(system, path, settings=settings, seed=seed, half=half)
        return super().import_file(system, path, settings=settings, seed=seed, half=half)


form = PosteriorsForm()
