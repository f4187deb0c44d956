"""Spectra of pions, kaons and protons from initial entropy densities by our own viscous hydrodynamics."""
