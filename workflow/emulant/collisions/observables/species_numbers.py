"""Moments of the multiplicity distribution of each common species."""

from emulant.collisions.declarations import count_shape

observables = (
    count_shape("species_mean", r"\langle N\rangle", "mean", 0),
    count_shape("species_variance", r"\sigma^2", "variance", 1),
    count_shape("species_skewness", r"\gamma", "skewness", 2),
    count_shape("species_kurtosis", r"\beta", "excess kurtosis", 3),
)
