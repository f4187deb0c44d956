"""The skewness of the number of particles of each common species."""

from emulant.collisions.declarations import count_shape

observable = count_shape("species_skewness", r"\gamma_n", "skewness", 2)
