"""The spectrum in transverse momentum of negative pions."""

from emulant.collisions.declarations import pt_spectrum

observable = pt_spectrum("pion_minus", r"dN/dp_T(\pi^-)_n")
