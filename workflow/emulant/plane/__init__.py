"""Distributions of two real variables: their moments and their densities on grids."""
