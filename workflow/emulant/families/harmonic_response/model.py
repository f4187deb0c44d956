"""Spectra by the response of each harmonic to multipoles of the density, their products and their changes."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from emulant.families._response import ResponseModel
from emulant.families.harmonic_response.features import response_columns

__all__ = ["Model"]


class Model(ResponseModel):
    """The response to multipoles up to products of three, at each size, shape and viscosity: some ten thousand weights."""

    @staticmethod
    def columns(
        settings: Mapping[str, Any], moments: Tensor, scalars: Tensor, viscosity: Tensor, n: int
    ) -> tuple[Tensor, Tensor]:
        """As of `response_columns`."""
        return response_columns(settings["multiplied"], moments, scalars, viscosity, n)
