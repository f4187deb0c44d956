"""The spectrum in transverse momentum of protons."""

from emulant.collisions.declarations import spectrum

observable = spectrum("pt", "proton", r"dN/dp_T(p)_n")
