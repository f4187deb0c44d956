"""Diffusion of U(1) links in two dimensions, conditioned on beta."""
