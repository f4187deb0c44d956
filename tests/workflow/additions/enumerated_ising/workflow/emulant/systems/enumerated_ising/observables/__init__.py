"""Observables of spins, one file each."""
