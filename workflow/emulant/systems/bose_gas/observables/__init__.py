"""Observables of the Bose gas, one file each."""
