"""Observables of two variables, one file each."""
