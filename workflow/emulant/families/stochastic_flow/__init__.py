"""Annealing with a transport between its levels, each fitted by least squares to the continuity equation."""
