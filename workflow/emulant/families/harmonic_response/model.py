"""Spectra by the response of each harmonic to multipoles of the density, their products and their changes."""

from emulant.families._response import ResponseModel
from emulant.families.harmonic_response.features import response_columns

__all__ = ["Model"]


class Model(ResponseModel):
    """The response to multipoles up to products of three, at each size, shape and viscosity: some ten thousand weights."""

    columns = staticmethod(response_columns)
