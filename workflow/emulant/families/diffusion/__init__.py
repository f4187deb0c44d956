"""Diffusion and flow matching on lattices: preconditioning, loss and sampling of a network."""
