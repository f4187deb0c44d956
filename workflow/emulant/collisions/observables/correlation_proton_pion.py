"""The correlation of the numbers of protons and negative pions."""

from emulant.collisions.declarations import count_correlation

observable = count_correlation("correlation_proton_pion", r"\rho(p, \pi^-)", 2212, -211)
