"""The rapidity spectrum of negative pions."""

from emulant.collisions.declarations import rapidity_spectrum

observable = rapidity_spectrum("pion_minus", r"dN/dy(\pi^-)_n")
