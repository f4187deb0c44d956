"""Images of events: all that their densities are, for networks that look for themselves."""

import numpy as np
from scipy import ndimage

from emulant.initial.eccentricity import centre_of
from emulant.initial.trento import InitialStates

__all__ = ["event_images"]


def event_images(states: InitialStates, nucleons: int, pixels: int) -> np.ndarray:
    """Compute ln(1 + density) about the centre of each event, and its size, (N, pixels^2 + 2).

    Arguments:
        states: the events; their cells are a multiple of `pixels`.
        nucleons: of both nuclei; multiplicity and participants are over their number.
        pixels: along each axis.
    """
    centres = centre_of(states.densities, states.spacing) / states.spacing
    every = states.densities.shape[1] // pixels
    images = np.stack(
        [
            ndimage.shift(density, (-centre.real, -centre.imag), order=1)
            for density, centre in zip(states.densities, centres, strict=True)
        ]
    )
    coarse = images.reshape(len(states), pixels, every, pixels, every).mean((2, 4))
    flat = np.log1p(coarse).reshape(len(states), -1)
    return np.column_stack([flat, states.multiplicity / nucleons, states.participants / nucleons])
