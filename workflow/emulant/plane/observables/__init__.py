"""Observables of points in the plane, one file each."""
