"""Observables of the linear response, one file each."""
