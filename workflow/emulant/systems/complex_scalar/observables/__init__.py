"""Observables of dual variables."""
