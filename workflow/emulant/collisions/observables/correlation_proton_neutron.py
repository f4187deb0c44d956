"""The correlation of the numbers of protons and neutrons."""

from emulant.collisions.declarations import count_correlation

observable = count_correlation("correlation_proton_neutron", r"\rho(p, N)", 2212, 2112)
