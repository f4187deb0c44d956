"""Lattice phi^4 theory in the hopping form."""
