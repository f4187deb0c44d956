"""Observables of any real scalar field, one file each."""
