"""The rapidity spectrum of negative pions."""

from emulant.collisions.declarations import spectrum

observable = spectrum("rapidity", "pion_minus", r"dN/dy(\pi^-)_n")
