"""The Ising model on the square and the triangular lattice."""
