"""Complex Langevin of one variable: real densities in the complex plane for complex actions."""
