"""The 2-d Ising model."""
