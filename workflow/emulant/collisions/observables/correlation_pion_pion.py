"""The correlation of the numbers of positive and negative pions."""

from emulant.collisions.declarations import count_correlation

observable = count_correlation("correlation_pion_pion", r"\rho(\pi^+, \pi^-)", 211, -211)
