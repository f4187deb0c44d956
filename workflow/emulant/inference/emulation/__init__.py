"""Emulators of observables: parameters to a vector of observables with a covariance, learned from design points."""
