"""Pairs of an observation (input) and its parameters (output); a model draws from the posterior of each observation.

A model's file has the observations one after another and again from the first, a draw of the parameters with each.
"""

from typing import ClassVar

from emulant.forms.pairs import PairsForm

__all__ = ["form"]


class PosteriorsForm(PairsForm):
    """Files as of pairs; models are judged by the calibration of their draws."""

    name: ClassVar[str] = "posteriors"


form = PosteriorsForm()
