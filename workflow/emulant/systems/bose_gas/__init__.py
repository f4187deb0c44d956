"""Relativistic Bose gas at finite chemical potential: complex Langevin and three exact methods."""
