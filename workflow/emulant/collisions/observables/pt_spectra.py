"""Transverse-momentum spectra of the common species."""

from emulant.collisions.acceptance import COMMON
from emulant.collisions.declarations import spectrum

observables = tuple(spectrum("pt", pdg) for pdg in COMMON)
