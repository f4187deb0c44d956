"""Observables of fields on a lattice, one file each; see `emulant.observables`."""
