"""Observables of fields on a lattice, one file each; see `emulant.contracts.observable`."""
