"""What a particle of a cloud can be: one of the 26 species, or a nucleon that still moves with its nucleus.

Such cold nucleons are the spectators, and those that met little. Their number changes much more from event to event than
by chance, and their momenta are like no others: as kinds of their own they have their own numbers and spectra.
"""

import numpy as np

from emulant.collisions.conserved import event_totals
from emulant.collisions.events import Events
from emulant.collisions.species import MASSES, SPECIES
from emulant.collisions.system import Collision
from emulant.collisions.urqmd_types import centre_of_mass_boost

__all__ = ["COLD", "EMPTY_KIND", "KINDS", "SPECIES_OF", "TURNED", "beam_rapidity", "kind_counts", "kinds_of"]

FERMI = 0.3
"""Momentum in GeV, in the rest frame of its nucleus, up to which a nucleon is cold: the Fermi momentum and a bit."""

PROTON, NEUTRON = 0, 1
SPECIES_OF = np.concatenate([np.arange(len(SPECIES)), [PROTON, PROTON, NEUTRON, NEUTRON]])
"""Species of each kind. Cold protons and neutrons are last, each those along +z and then those along -z."""

KINDS = len(SPECIES_OF)
EMPTY_KIND = KINDS
COLD = np.arange(len(SPECIES), KINDS)
TURNED = np.concatenate([np.arange(len(SPECIES)), COLD[[1, 0, 3, 2]]])
"""Which kind each is after half a turn about the y axis."""


def beam_rapidity(events: Events, system: Collision | None = None) -> float:
    """Of both nuclei in their nucleon-nucleon centre of mass.

    By the energy of the beam where the system is known; else by the mean energy for each baryon of whole events, 0 where
    there are no baryons.
    """
    if system is not None:
        return float(np.arctanh(centre_of_mass_boost(system.parameters["energy"])))
    totals = event_totals(events).mean(axis=0)
    gamma = totals[3] / max(totals[4] * MASSES[PROTON], 1e-9)
    return float(np.arccosh(gamma)) if totals[4] > 0.5 and gamma > 1 else 0.0


def kinds_of(events: Events, beam: float) -> np.ndarray:
    """Kind of each particle of the 26 species, (n,); no nucleon is cold where the beam has no rapidity.

    Arguments:
        events: in the nucleon-nucleon centre of mass.
        beam: rapidity of the nuclei.
    """
    kinds = events.species.copy()
    nucleon = np.flatnonzero((kinds == PROTON) | (kinds == NEUTRON))
    pt, rapidity = events.pt[nucleon], events.rapidity[nucleon]
    along = np.hypot(MASSES[kinds[nucleon]], pt) * np.sinh(np.abs(rapidity) - beam)
    cold = nucleon[(np.hypot(pt, along) < FERMI) & (beam > 0)]
    kinds[cold] = COLD[2 * kinds[cold] + (events.momenta[cold, 2] < 0)]
    return kinds


def kind_counts(kinds: np.ndarray, events: Events) -> np.ndarray:
    """Particles of each kind in each event, (N, KINDS) whole numbers."""
    flat = events.owner * KINDS + kinds
    return np.bincount(flat, minlength=len(events) * KINDS).reshape(len(events), KINDS)
