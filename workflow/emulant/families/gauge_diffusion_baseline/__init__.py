"""Diffusion of U(1) links as published: annealed Langevin dynamics with a score of one coupling."""
