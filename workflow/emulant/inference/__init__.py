"""Posteriors p(theta | y): priors, simulated pairs, closed forms, emulators of observables, samplers, and what judges them.

A pair has an observation y (input) and the parameters theta (output) that it was simulated with.
"""
