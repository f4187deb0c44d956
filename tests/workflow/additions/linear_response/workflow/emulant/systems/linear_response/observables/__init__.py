"""Observables of pairs, one file each."""
