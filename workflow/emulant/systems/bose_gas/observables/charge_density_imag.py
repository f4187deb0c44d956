"""The imaginary part of the charge density."""

from emulant.systems.bose_gas.declarations import part_of

observable = part_of("charge_density", "imaginary", r"\rho_k", "the charge density n = (1/V) d ln Z / d mu")
