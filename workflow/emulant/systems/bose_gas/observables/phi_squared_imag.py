"""The imaginary part of the square of the field."""

from emulant.systems.bose_gas.declarations import part_of

observable = part_of("phi_squared", "imaginary", r"\langle|\phi|^2\rangle_k", "<|phi|^2>")
