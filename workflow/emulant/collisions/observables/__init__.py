"""Observables of events, one a file."""
