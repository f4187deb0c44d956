"""Spectra with harmonics that are chosen, and systems of a few cells, for tests."""

import numpy as np

from emulant.storage.pairs import Pairs
from emulant.systems.hydro_spectra.system import from_settings

SMALL = {
    "kind": "hydro_spectra",
    "projectile": "Cu",
    "target": "Cu",
    "impact": [0.0, 4.0],
    "cross_section": 4.2,
    "norm": 20.0,
    "nucleon_width": 0.8,
    "fluctuation": 1.6,
    "reduced_p": 0.0,
    "distance": 0.0,
    "cells": 20,
    "spacing": 1.0,
    "start_time": 0.6,
    "viscosity": 0.15,
    "switching_temperature": 0.15,
    "time_step": 0.25,
    "pt_nodes": 9,
    "pt_max": 4.0,
    "angles": 16,
}


def system(**changes):
    return from_settings(SMALL | changes)


def exponential(vectors, slopes=0.5, size=100.0):
    """Spectra (n, 3, nodes, angles) with V_n(p_T) = V_n at every p_T.

    Arguments:
        vectors: V_2 ... V_5 of each event, (n, 4) complex.
        slopes: of exp(-p_T / slope) in GeV, of all events or each.
        size: factor of all events or each.
    """
    pt, _ = system().nodes
    count = SMALL["angles"]
    phi = 2 * np.pi * np.arange(count) / count
    waves = np.exp(-1j * np.outer([2, 3, 4, 5], phi))
    azimuthal = 1 + 2 * (np.asarray(vectors) @ waves).real
    slopes, size = (np.broadcast_to(x, len(azimuthal)) for x in (slopes, size))
    radial = size[:, None] * np.exp(-pt / slopes[:, None])
    one = radial[:, :, None] * azimuthal[:, None]
    return np.stack([one, 0.2 * one, 0.1 * one], axis=1)


def shown(outputs, **changes):
    """What observables see of spectra."""
    inputs = np.zeros((len(outputs), 20, 20))
    return system(**changes).view(Pairs(inputs, outputs))
