"""Measure ensembles and compare them with reference, exact and published values; above the physics that it uses."""
