"""The spectrum in transverse momentum of positive kaons."""

from emulant.collisions.declarations import pt_spectrum

observable = pt_spectrum("kaon_plus", r"dN/dp_T(K^+)_n")
