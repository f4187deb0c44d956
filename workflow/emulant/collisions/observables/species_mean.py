"""The mean of the number of particles of each common species."""

from emulant.collisions.declarations import count_shape

observable = count_shape("species_mean", r"\langle N\rangle_n", "mean", 0)
