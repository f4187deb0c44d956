"""Observables of the Bose gas, one a file."""
