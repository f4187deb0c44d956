"""Lattice field theory: actions, Hybrid Monte Carlo, exact results, observables of fields."""
