"""Complex Langevin: real densities for complex actions."""
