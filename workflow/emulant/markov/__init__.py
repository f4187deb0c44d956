"""Markov chains of any system: what chains offer, evidence of equilibrium, and the driver that writes an ensemble."""
