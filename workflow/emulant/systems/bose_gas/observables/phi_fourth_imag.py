"""The imaginary part of the fourth power of the field."""

from emulant.systems.bose_gas.declarations import part_of

observable = part_of("phi_fourth", "imaginary", r"\langle|\phi|^4\rangle_k", "<|phi|^4>")
