"""Boost-invariant viscous hydrodynamics in the transverse plane, its freeze-out surface, and spectra of hadrons."""
