"""The variance of the number of particles of each common species."""

from emulant.collisions.declarations import count_shape

observable = count_shape("species_variance", r"\sigma^2_n", "variance", 1)
