"""The XY model on the square lattice."""
