"""The excess kurtosis of the number of particles of each common species."""

from emulant.collisions.declarations import count_shape

observable = count_shape("species_kurtosis", r"\beta_n", "excess kurtosis", 3)
