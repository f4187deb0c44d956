"""Spectra by the response of each harmonic to multipoles of the initial density."""
