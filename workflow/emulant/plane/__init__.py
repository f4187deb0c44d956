"""Distributions of two variables: what is measured of them, and their densities on grids."""
