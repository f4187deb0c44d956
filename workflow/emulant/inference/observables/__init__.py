"""Observables of pairs of an observation and its parameters, one file each."""
