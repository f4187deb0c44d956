"""Observables of heavy-ion collisions in centrality classes, by T_RENTo and our own hydrodynamics, to be calibrated."""
