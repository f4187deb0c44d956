"""Bijections of the circle, angles in [-pi, pi), with their inverses and the logarithms of their slopes."""
