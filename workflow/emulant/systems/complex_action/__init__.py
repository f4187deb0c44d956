"""Gaussian and quartic complex actions by complex Langevin."""
