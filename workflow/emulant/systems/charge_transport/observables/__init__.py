"""Observables of slices and of pairs of particles, one file each."""
