"""The real part of the charge density."""

from emulant.systems.bose_gas.declarations import part_of

observable = part_of("charge_density", "real", r"\rho_k", "the charge density n = (1/V) d ln Z / d mu")
