"""The spectrum in transverse momentum of negative pions."""

from emulant.collisions.declarations import spectrum

observable = spectrum("pt", "pion_minus", r"dN/dp_T(\pi^-)_n")
