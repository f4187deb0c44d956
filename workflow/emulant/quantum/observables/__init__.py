"""Observables of closed paths in imaginary time."""
