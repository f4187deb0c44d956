"""Moments of the multiplicity distribution of each common species."""

from emulant.collisions.declarations import count_shape

observables = (
    count_shape("species_mean", r"\langle N\rangle_n", "mean", 0),
    count_shape("species_variance", r"\sigma^2_n", "variance", 1),
    count_shape("species_skewness", r"\gamma_n", "skewness", 2),
    count_shape("species_kurtosis", r"\beta_n", "excess kurtosis", 3),
)
