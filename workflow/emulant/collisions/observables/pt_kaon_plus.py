"""The spectrum in transverse momentum of positive kaons."""

from emulant.collisions.declarations import spectrum

observable = spectrum("pt", "kaon_plus", r"dN/dp_T(K^+)_n")
