"""Kinds of particles: the 26 species, and cold nucleons, which still move with their nucleus; conditions of events.

Cold nucleons are spectators and nucleons that scattered little. Their number fluctuates much more than a Poisson
variable, and their momenta differ from those of all other particles, so they are kinds with their own spectra.
"""

import numpy as np

from emulant.collisions.conserved import event_totals
from emulant.collisions.events import Events
from emulant.collisions.freeze_out import beam_rapidity_at
from emulant.collisions.species import MASSES, SPECIES
from emulant.families._slots import impacts_of
from emulant.systems.collision.system import Collision

__all__ = [
    "COLD",
    "EMPTY_KIND",
    "KINDS",
    "SPECIES_OF",
    "TURNED",
    "beam_rapidity",
    "beams_of",
    "kind_counts",
    "kinds_of",
    "points_of",
]

FERMI = 0.3
"""Momentum in GeV, in the rest frame of the nucleus, up to which a nucleon is cold: just above the Fermi momentum."""

PROTON, NEUTRON = 0, 1
"""Indices in SPECIES."""
SPECIES_OF = np.concatenate([np.arange(len(SPECIES)), [PROTON, PROTON, NEUTRON, NEUTRON]])
"""Species of each kind. The last four are cold protons and then neutrons, each along +z and along -z."""

KINDS = len(SPECIES_OF)
EMPTY_KIND = KINDS
COLD = np.arange(len(SPECIES), KINDS)
TURNED = np.concatenate([np.arange(len(SPECIES)), COLD[[1, 0, 3, 2]]])
"""Kind of each after half a turn about the y axis."""


def beam_rapidity(events: Events, system: Collision | None = None) -> float:
    """Compute the rapidity of the nuclei in their nucleon-nucleon centre of mass.

    It follows from the beam energy of the system, or without a system from the mean energy per baryon of the events; it
    is 0 if they have no baryons.
    """
    if system is not None:
        return beam_rapidity_at(system.parameters["energy"])
    totals = event_totals(events).mean(axis=0)
    gamma = totals[3] / max(totals[4] * MASSES[PROTON], 1e-9)
    return float(np.arccosh(gamma)) if totals[4] > 0.5 and gamma > 1 else 0.0


def beams_of(events: Events, otherwise: float) -> np.ndarray:
    """Return the rapidity of the nuclei of each event, (N,), by its fact `beam_energy`; `otherwise` where there is none."""
    if "beam_energy" not in events.facts:
        return np.full(len(events), otherwise)
    energies, turn = np.unique(events.facts["beam_energy"], return_inverse=True)
    return np.array([beam_rapidity_at(energy) for energy in energies])[turn]


def points_of(events: Events, beam: np.ndarray | float) -> np.ndarray:
    """Return the conditions of events: impact parameter in fm, and `beam`, the rapidity of the nuclei, (N, 2)."""
    return np.column_stack([impacts_of(events), np.broadcast_to(beam, len(events))])


def kinds_of(events: Events, beam: np.ndarray | float) -> np.ndarray:
    """Return the kind of each particle, (n,); no nucleon is cold if `beam` is 0.

    Arguments:
        events: events in the nucleon-nucleon centre of mass, with particles of the 26 species.
        beam: rapidity of the nuclei, of each event (N,) or of all.
    """
    kinds = events.species.copy()
    nucleon = np.flatnonzero((kinds == PROTON) | (kinds == NEUTRON))
    pt, rapidity = events.pt[nucleon], events.rapidity[nucleon]
    of_nuclei = np.broadcast_to(beam, len(events))[events.owner[nucleon]]
    along = np.hypot(MASSES[kinds[nucleon]], pt) * np.sinh(np.abs(rapidity) - of_nuclei)
    cold = nucleon[(np.hypot(pt, along) < FERMI) & (of_nuclei > 0)]
    kinds[cold] = COLD[2 * kinds[cold] + (events.momenta[cold, 2] < 0)]
    return kinds


def kind_counts(kinds: np.ndarray, events: Events) -> np.ndarray:
    """Count the particles of each kind in each event, (N, KINDS) integers."""
    flat = events.owner * KINDS + kinds
    return np.bincount(flat, minlength=len(events) * KINDS).reshape(len(events), KINDS)
