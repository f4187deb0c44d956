"""Quantum mechanics of one particle in imaginary time: closed paths, their transfer matrix, energies, tunnelling."""
